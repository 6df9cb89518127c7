import { deno } from "../../transports/deno.ts";
import { conformance } from "./conformance.ts";

conformance("deno", deno(), { only: "deno", reset: true });
