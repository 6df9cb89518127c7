/**
 * The calls without streams that a real Kitex v0.16.0 client and server were recorded with, over `vec.thrift` and `vec.proto`.
 *
 * @module
 */
import { conversations } from "../vectors/conversations.ts";

/** One call, in hex. */
export interface Recording {
  readonly name: string;
  readonly call: string;
  /** What the server answered; `undefined` if nothing. */
  readonly answer: string | undefined;
}

/** All recorded calls. */
export function recordings(): Recording[] {
  return conversations("unary").map(({ name, pieces }) => ({ name, call: pieces[0]![1], answer: pieces[1]?.[1] }));
}
