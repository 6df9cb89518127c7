import { node } from "../../transports/node.ts";
import { conformance } from "./conformance.ts";

conformance("node", node());
