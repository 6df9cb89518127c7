/**
 * Bytes that break the rules, in `probes.txt`, with what a Kitex v0.16.0 server did about them: ours does the same.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createServer } from "../../../core.ts";
import { kitex } from "../../../codecs/kitex/protocol.ts";
import { decodeFrame } from "../../../codecs/ttheader/frame.ts";
import { ttheaderStreaming } from "../../../codecs/ttheader/stream/protocol.ts";
import { binary } from "../../../codecs/thrift/binary.ts";
import { ReadBuffer } from "../../../lib/io/read_buffer.ts";
import { memory } from "../../../transports/memory.ts";
import { Vec } from "../kitex/gen/vec.ts";
import { vecHandlers } from "../kitex/vec_handlers.ts";
import { RawPeer } from "../../lib/rpc/fixture.ts";
import { bytesOf, hexOf } from "../ttheader/hex.ts";
import { turns } from "../ttheader/stream/fixture.ts";
import { header, text } from "../thrift/payloads.ts";
import { linesOf } from "./vectors.ts";

const payload = binary();

/** Where our server does something else, by the number of the probe. */
const OURS: Readonly<Record<number, readonly [why: string, answer: string, state: string]>> = {
  2: ["of a message without a length, more may come, and its field has the right type so far", "", "open"],
  5: ["a method that is not served costs its own call, not the connection", "ttheader zzz 7 fails with 1", "open"],
  8: ["a method that is not served is UNKNOWN_METHOD also where no service was named", "zzz 7 fails with 1", "open"],
  13: [
    "a stream that is not served is told so, where Kitex leaves its caller waiting",
    "stream 1, stream 1 fails with 1",
    "open",
  ],
};

describe("bytes that break the rules", () => {
  for (const [index, line] of linesOf("probes.txt").entries()) {
    const [sent = "", outcome = ""] = line.split(" => ");
    const [theirs = "", theirState = ""] = outcome.split(" ");
    const [why, answer, state] = OURS[index] ?? ["", meaningOf(theirs), theirState];
    it(`no. ${index}: ${answer || "no answer"}, ${state}${why === "" ? "" : `, not as Kitex: ${why}`}`, async () => {
      const transport = memory();
      const server = await createServer({ transport, protocols: [ttheaderStreaming(), kitex()] })
        .add(Vec, vecHandlers()).listen({ path: "server" });
      const peer = new RawPeer(await transport.dial({ path: "server" }));
      peer.send(sent);
      await turns();
      assertEquals([meaningOf(peer.take()), peer.closed ? "closed" : "open"], [answer, state]);
      peer.conn.abort();
      await server.close();
    });
  }
});

/** What an answer says, in bytes but for errors: the words of those are each server's own. */
function meaningOf(hex: string): string {
  if (hex === "" || hex.startsWith("8001")) return messageOf(hex);
  const { consumed, flags, seqid, payload } = decodeFrame(bytesOf(hex))!;
  if (flags === 2) {
    const rest = meaningOf(hex.slice(2 * consumed));
    return [
      `stream ${seqid}${payload.length === 0 ? "" : ` ${messageOf(hexOf(payload)).replace(/.*(?=fails)/, "")}`}`,
      rest,
    ]
      .filter((part) => part !== "").join(", ");
  }
  const message = messageOf(hexOf(payload));
  return message.includes("fails") ? `ttheader ${message}` : hex;
}

function messageOf(hex: string): string {
  if (!hex.startsWith("80010003")) return hex;
  const r = new ReadBuffer().reset(bytesOf(hex));
  const head = header();
  payload.readMessageBegin(r, head);
  const { code } = payload.readException(r);
  return `${text(r.bytes.subarray(head.nameStart, head.nameEnd))} ${head.seqid} fails with ${code}`;
}
