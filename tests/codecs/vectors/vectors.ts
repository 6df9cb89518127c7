/**
 * What other implementations wrote and said, as files beside this one, a vector a line or a conversation a section:
 *
 * - `codecs.txt`: bytes of apache/thrift Go 0.21, cloudwego/gopkg 0.1.8 and golang.org/x/net.
 * - `conversations.txt`: a Kitex v0.16.0 client and server, recorded between them.
 * - `http2_frames.txt`: the frames of those over gRPC, decoded by golang.org/x/net.
 * - `probes.txt`: bytes sent to that server, and what came of it.
 * - `generic.txt`: JSON that Kitex's generic calls read and write, and the bytes.
 *
 * The services are those of `../kitex/vec.thrift` and `../kitex/vec.proto`. The calls of the conversations without streams are
 * in `../kitex/recordings_test.ts`; `set_test.ts` sees to it that nothing is left out.
 *
 * @module
 */
import { readFileSync } from "node:fs";

/** The lines of a file of vectors. */
export function linesOf(file: string): string[] {
  return readFileSync(new URL(file, import.meta.url), "utf8").trimEnd().split("\n");
}
