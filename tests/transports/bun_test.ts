import { bun } from "../../transports/bun.ts";
import { conformance } from "./conformance.ts";

conformance("bun", bun(), { only: "bun" });
