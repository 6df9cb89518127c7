/**
 * What docs/streaming.md shows.
 *
 * @module
 */
import { createClient, createServer, Metadata, recv, RpcError, send, ttheaderStreaming } from "@updraft/rpc";
import { assertEquals } from "@std/assert";
import { Chat, type ChatHandlers, type Line } from "../../../examples/gen/chat.ts";

const lines: Line[] = [{ from: "Ada", text: "one" }, { from: "Bob", text: "two" }];

const handlers: ChatHandlers = {
  async *talk(said, { meta }) {
    meta.backward.set("room", "7"); // goes before the first message
    for await (const { from, text } of said) yield { from: "room", text: `${from} says ${text}` };
    meta.trailers.set("reason", "everybody left"); // goes at the end
  },
  async load(said) {
    for await (const line of said) lines.push(line);
    return { lines: lines.length };
  },
  async *history({ last }, { signal }) {
    for (const line of lines.slice(-last)) {
      signal.throwIfAborted(); // the caller is gone, gave up, or the server closes
      yield line;
    }
  },
};

const server = createServer({
  protocols: [ttheaderStreaming({ maxUnreadBytes: 4 * 1024 * 1024, stallMs: 10_000, maxStreams: 500 })],
}).add(Chat, handlers);
await using running = await server.listen({ hostname: "127.0.0.1", port: 0 });

await using client = createClient(Chat, { to: running.address, recvTimeoutMs: 30_000 });

const said = [{ from: "Ada", text: "hello" }];
for await (const { text } of client.talk(said)) console.log(text);

const { lines: loaded } = await client.load(said);

for await (const { text } of client.history({ last: 100 })) {
  if (text === "two") break; // ends the call: the server's handler hears of it by its signal
}

const meta = new Metadata({ transient: { room: "7" } });
for await (const _ of client.talk(said, { meta })) console.log(meta.backward.get("room"));
console.log(meta.trailers.get("reason"));

const logged: string[] = [];
const quiet = createClient(Chat, {
  to: running.address,
  use: [
    send((message, call) => {
      logged.push(`${call.method.name} > ${JSON.stringify(message)}`);
      return message;
    }),
    recv((message) => {
      if ((message as Line).text === "") throw new RpcError("protocol", "an empty line came");
      return message;
    }),
  ],
});
for await (const { text } of quiet.talk(said)) console.log(text);
await quiet.close();

assertEquals(loaded, 3);
assertEquals(meta.trailers.get("reason"), "everybody left");
assertEquals(logged, ['talk > {"from":"Ada","text":"hello"}']);
