/**
 * A reporter for `node:test` that `tools/test.mjs` reads: one JSON value a line, `[kind, path, text]`.
 *
 * @module
 */
import { inspect } from "node:util";

export default async function* report(source) {
  const path = [];
  for await (const { type, data } of source) {
    if (type === "test:start") {
      path.length = data.nesting;
      path.push(data.name);
    } else if (type === "test:pass" || type === "test:fail") {
      const name = [...path.slice(0, data.nesting), data.name];
      const suite = data.details?.type === "suite";
      const error = data.details?.error;
      if (type === "test:fail") {
        if (!suite) yield line("failed", name, errorText(error));
        else if (error?.failureType !== "subtestsFailed") yield line("broken", name, errorText(error));
      } else if (!suite) {
        yield line(data.skip !== undefined || data.todo !== undefined ? "skipped" : "passed", name);
      }
    } else if (type === "test:diagnostic" && /^(Error|Warning): /.test(data.message)) {
      yield line("broken", path.slice(0, 1), data.message);
    }
  }
  yield line("end", []);
}

function line(...values) {
  return JSON.stringify(values) + "\n";
}

function errorText(error) {
  return typeof error?.cause === "object" && error.cause !== null
    ? inspect(error.cause)
    : String(error?.cause ?? error);
}
