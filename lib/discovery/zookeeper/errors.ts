/**
 * What the codes of ZooKeeper's errors mean, and the error of a client that was closed.
 *
 * @module
 */
import { RpcError } from "../../errors.ts";

/** Errors with a name of their own here. */
const [NO_AUTH, AUTH_FAILED, SESSION_EXPIRED] = [-102, -115, -112];

/** Why a connection ends that its client closes. */
export function left(): RpcError {
  return new RpcError("canceled", "the client of ZooKeeper was closed");
}

/** How often a node may have come between two questions before that is taken for a lie. */
export const MAX_FLICKERS = 8;

/** Why a node cannot be followed that is told to be there and not to be there: begin anew later. */
export function flickering(path: string): RpcError {
  return new RpcError("unavailable", `ZooKeeper says again and again of ${path} that it is there, and that it is not`);
}

/** The error of an answer's code, about a node. */
export function errorOf(code: number, path: string): RpcError {
  switch (code) {
    case NO_AUTH:
      return new RpcError("forbidden", `ZooKeeper refuses access to ${path}`, { code, remote: true });
    case AUTH_FAILED:
      return new RpcError("forbidden", "ZooKeeper refuses the user or password", { code, remote: true });
    case SESSION_EXPIRED:
      return new RpcError("unavailable", "the session with ZooKeeper is over", { code, remote: true });
    default: {
      const text = ERRORS.get(code);
      const what = `error ${code}${text === undefined ? "" : ` (${text})`}`;
      return new RpcError("unavailable", `ZooKeeper refused what was asked of ${path}: ${what}`, {
        code,
        remote: true,
      });
    }
  }
}

/** What other errors mean that a client may meet. */
const ERRORS: ReadonlyMap<number, string> = new Map([
  [-4, "the server has lost the others"],
  [-6, "it is not known there"],
  [-8, "the path or data are none that it takes"],
  [-101, "there is no such node"],
  [-108, "nodes that go with a session have none below"],
  [-110, "the node is there already"],
  [-111, "the node has others below"],
  [-114, "the user is none that rights can be given to"],
  [-119, "the server only answers questions"],
]);
