/**
 * Echoes on a port until it is killed; the first line of its output is the port.
 *
 * @module
 */
import type { TcpEndpoint } from "../../lib/io/raw.ts";
import { auto } from "../../transports/auto.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";

const platform = await autoPlatform();
const listener = await auto().listen({ hostname: "127.0.0.1", port: 0 }, (conn) => {
  conn.start({
    chunk: (bytes) => void conn.write(bytes.slice()),
    end: () => conn.close(),
    drain() {},
    close() {},
  });
});
await platform.stdout.write(`${(listener.local as TcpEndpoint).port}\n`);
