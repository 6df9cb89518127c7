import { node } from "../../transports/node.ts";
import { runtimeName } from "../../transports/runtime.ts";
import { conformance } from "./conformance.ts";

conformance("node", node(), { visiting: runtimeName() !== "node" });
