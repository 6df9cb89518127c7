/**
 * What a Kitex v0.16.0 client and server said to each other, from `conversations.txt`. The bytes of one direction that
 * follow each other are one piece; `CLOSE` is FIN.
 *
 * @module
 */
import { linesOf } from "./vectors.ts";

/** How the two talked. */
export type Kind = "unary" | "stream" | "http2";

/** One conversation. */
export interface Conversation {
  readonly name: string;
  /** `"stream"` is TTHeader streaming. */
  readonly kind: Kind;
  /** What the calling program printed: results and errors. */
  readonly outcomes: readonly string[];
  /** `C` is from the client, `S` from the server; in hex. */
  readonly pieces: readonly (readonly [from: "C" | "S", hex: string])[];
}

/** The conversations of one kind; those of HTTP/2 may go on on the connection of the one before them. */
export function conversations(kind?: Kind): Conversation[] {
  const all: (Conversation & { outcomes: string[]; pieces: ["C" | "S", string][] })[] = [];
  let outcomes: string[] = [];
  for (const line of linesOf("conversations.txt")) {
    const [start = "", rest = ""] = /^(\S+) (.*)$/.exec(line)?.slice(1) ?? [];
    if (start === "--") outcomes.push(rest);
    else if (start === "##") {
      all.push({ name: rest, kind: kindOf(rest), outcomes, pieces: [] });
      outcomes = [];
    } else if (start === "C>" || start === "S>") {
      const hex = rest.split(" ")[1]!;
      if (rest !== "CLOSE 0 ") all.at(-1)!.pieces.push([start[0] as "C" | "S", hex]);
    } else throw new Error(`${line} is no line of a conversation`);
  }
  return kind === undefined ? all : all.filter((one) => one.kind === kind);
}

/** The pieces of each connection over HTTP/2, joined, with the names of the conversations on it. */
export function http2Connections(): { readonly name: string; readonly pieces: Conversation["pieces"] }[] {
  const connections: { name: string; pieces: (readonly ["C" | "S", string])[] }[] = [];
  for (const { name, pieces } of conversations("http2")) {
    const opens = pieces[0]![1].startsWith("505249202a20");
    if (opens) connections.push({ name, pieces: [...pieces] });
    else {
      const last = connections.at(-1)!;
      last.name += `, ${name}`;
      last.pieces.push(...pieces);
    }
  }
  return connections;
}

function kindOf(name: string): Kind {
  if (name.startsWith("TTHeaderStreaming")) return "stream";
  return /grpc/i.test(name) ? "http2" : "unary";
}
