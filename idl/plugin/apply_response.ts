/**
 * Puts what a plugin answers among the files to be written.
 *
 * The rules are Thriftgo's, but where it loses content or guesses, this is an error: a place that is not there, a part
 * without a file to go to, a file that is there with another text, a path outside of the output folder.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import { below, joinPath, normalizePath } from "../paths.ts";
import type { PluginResponse } from "./gen/protocol.ts";
import type { Output } from "./plugin.ts";

/** Where a plugin was told to write. */
export interface ResponsePaths {
  /** The working directory. */
  readonly cwd: string;
  /** The output folder, as the request says. */
  readonly outputPath: string;
}

/** Adds the files and parts of a response. Throws an `RpcError` of kind `"invalid"` for one that cannot be added. */
export function applyResponse(output: Output, response: PluginResponse, paths: ResponsePaths): void {
  let last: string | undefined;
  let isRepeated = false;
  for (const { content, name, insertionPoint } of response.contents ?? []) {
    if (name !== undefined && name !== "") {
      last = pathBelow(paths, name);
      isRepeated = false;
      if (insertionPoint === undefined || insertionPoint === "") isRepeated = !output.addFile(last, content);
      else output.insert(last, insertionPoint, content);
    } else if (last === undefined) {
      throw new RpcError("invalid", `it wants to insert at ${quoted(insertionPoint)}, but names no file before that`);
    } else if (!isRepeated) {
      // a file that was there already has its parts as well
      output.insert(last, insertionPoint ?? "", content);
    }
  }
}

/** The path in the output folder that a plugin's path means. */
function pathBelow({ cwd, outputPath }: ResponsePaths, name: string): string {
  const folder = joinPath(normalizePath(cwd), outputPath);
  const path = below(folder, joinPath(normalizePath(cwd), name));
  if (path === undefined) {
    throw new RpcError(
      "invalid",
      `it wants to write ${quoted(name)}, which is not below the output folder ${outputPath}`,
    );
  }
  return path;
}

function quoted(text = ""): string {
  return JSON.stringify(text);
}
