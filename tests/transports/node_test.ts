import process from "node:process";
import { node } from "../../transports/node.ts";
import { runtimeName } from "../../transports/runtime.ts";
import { conformance } from "./conformance.ts";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

conformance("node", node(), {
  visiting: runtimeName() !== "node",
  reusePort: major < 22 || (major === 22 && minor < 12) || (major === 23 && minor < 1),
});
