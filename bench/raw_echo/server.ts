/**
 * One echo server in a process of its own: `server.ts bare|adapter|pull|push|framed`. Prints its port; answers each line on standard
 * input with its CPU time so far, user and system, in microseconds.
 *
 * @module
 */
import process from "node:process";
import { EventLoop } from "../../lib/io/event_loop.ts";
import { auto } from "../../transports/auto.ts";
import { runtimeName } from "../../transports/runtime.ts";
import { listenBare } from "./bare.ts";

const pull = new EventLoop({
  onRequest({ reader, writer }) {
    writer.writeBinary(reader.next(reader.len) as Uint8Array);
    writer.flush();
    reader.release();
  },
});

const push = new EventLoop({
  session: (connection) => ({
    data(bytes) {
      const { output } = connection;
      output.reserve(bytes.length);
      output.bytes.set(bytes, output.pos);
      output.pos += bytes.length;
      connection.commit();
      return bytes.length;
    },
    close: () => {},
  }),
});

/** Reads length-prefixed frames one by one, and waits only for what is not there. */
const framed = new EventLoop({
  async onRequest({ reader, writer }) {
    while (reader.len > 0) {
      const head = reader.len >= 4 ? reader.peek(4) as Uint8Array : await reader.peek(4);
      const length = 4 + ((head[0]! << 24) | (head[1]! << 16) | (head[2]! << 8) | head[3]!);
      writer.writeBinary(reader.len >= length ? reader.next(length) as Uint8Array : await reader.next(length));
    }
    reader.release();
    await writer.flush();
  },
});

/** The transport alone, without a connection over it; good for short messages only: it drops what is not taken. */
async function listenAdapter(): Promise<number> {
  const { local } = await auto().listen({ hostname: "127.0.0.1", port: 0 }, (raw) => {
    let scratch = new Uint8Array(64 * 1024);
    raw.start({
      chunk(bytes) {
        if (raw.lent) scratch = new Uint8Array(64 * 1024);
        scratch.set(bytes);
        raw.write(scratch.subarray(0, bytes.length));
      },
      end: () => raw.close(),
      drain: () => {},
      close: () => {},
    });
  });
  return "port" in local ? local.port : 0;
}

async function listen(loop: EventLoop): Promise<number> {
  const { local } = await loop.listen(auto(), { hostname: "127.0.0.1", port: 0 });
  return "port" in local ? local.port : 0;
}

const mode = process.argv[2];
const loops: Readonly<Record<string, EventLoop>> = { pull, push, framed };
const loop = loops[mode ?? ""];
const port =
  await (loop !== undefined ? listen(loop) : mode === "adapter" ? listenAdapter() : listenBare(runtimeName()));
console.log(port);
process.stdin.on("data", () => {
  const { user, system } = process.cpuUsage();
  console.log(`${user} ${system}`);
});
process.stdin.on("end", () => process.exit(0));
