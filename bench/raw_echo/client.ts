/**
 * Load for an echo server: `client.ts PORT CONNECTIONS DEPTH BYTES MS`. Each connection keeps DEPTH requests under way.
 * Prints how many were answered.
 *
 * @module
 */
import process from "node:process";
import type { RawConn } from "../../lib/io/raw.ts";
import { auto } from "../../transports/auto.ts";

const [port = 0, connections = 64, depth = 1, bytes = 128, ms = 1000] = process.argv.slice(2).map(Number);
const transport = auto();
const frame = new Uint8Array(bytes);
new DataView(frame.buffer).setUint32(0, bytes - 4);
/** As many requests as can be answered at once, to send any number in one write. */
const batch = new Uint8Array(bytes * depth);
for (let i = 0; i < depth; i++) batch.set(frame, i * bytes);

let answered = 0;
let stopping = false;
let left = connections;
const done = new Promise<void>((resolve) => {
  for (let i = 0; i < connections; i++) void connect(resolve);
});
setTimeout(() => stopping = true, ms);
await done;
console.log(answered);
process.exit(0);

async function connect(resolve: () => void): Promise<void> {
  const raw: RawConn = await transport.dial({ hostname: "127.0.0.1", port });
  let owed = 0;
  let received = 0;
  let underway = depth;
  const write = (): void => {
    if (owed > 0 && !raw.lent) owed -= raw.write(batch.subarray(0, Math.min(owed, batch.length)));
  };
  raw.start({
    chunk(chunk) {
      received += chunk.length;
      const complete = Math.floor(received / bytes);
      received -= complete * bytes;
      answered += complete;
      underway -= complete;
      if (!stopping) {
        underway += complete;
        owed += complete * bytes;
        write();
      } else if (underway === 0) {
        raw.close();
        if (--left === 0) resolve();
      }
    },
    end: () => {},
    drain: write,
    close: () => {},
  });
  owed = depth * bytes;
  write();
}
