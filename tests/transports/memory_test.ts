import { memory } from "../../transports/memory.ts";
import { conformance } from "./conformance.ts";

conformance("memory", memory(), { inMemory: true, tls: true });
