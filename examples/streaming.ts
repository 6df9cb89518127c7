/**
 * Streams: both ways, from the client, from the server. Handlers and callers see async iterables.
 *
 * @module
 */
import { createClient, createServer } from "@updraft/rpc";
import { Chat, type Line } from "./gen/chat.ts"; // from: updraft gen idl/chat.thrift -o gen

const lines: Line[] = [];

await using server = await createServer()
  .add(Chat, {
    async *talk(said) {
      for await (const { from, text } of said) yield { from: "room", text: `${from} says ${text}` };
    },
    async load(said) {
      for await (const line of said) lines.push(line);
      return { lines: lines.length };
    },
    async *history({ last }) {
      for (const line of lines.slice(-last)) yield line;
    },
  })
  .listen({ hostname: "127.0.0.1", port: 0 });

await using client = createClient(Chat, { to: server.address, timeoutMs: 5_000 });

for await (const { text } of client.talk([{ from: "Ada", text: "hello" }, { from: "Bob", text: "hi" }])) {
  console.log(text);
}

async function* said(): AsyncGenerator<Line> {
  for (const text of ["one", "two", "three"]) yield { from: "Eve", text };
}
console.log("loaded", (await client.load(said())).lines);

for await (const { text } of client.history({ last: 2 })) console.log(text);
