/**
 * Echo servers on each runtime's socket and nothing else: what `lib/io` is measured against.
 *
 * @module
 */
import { createServer } from "node:net";

interface BareDenoConn {
  read(buffer: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  setNoDelay(): void;
  close(): void;
}
declare const Deno: {
  listen(options: { hostname: string; port: number }): AsyncIterable<BareDenoConn> & { addr: { port: number } };
};
interface BareBunSocket {
  write(bytes: Uint8Array): number;
  setNoDelay(on: boolean): void;
  data: { rest: Uint8Array | undefined };
}
declare const Bun: {
  listen(options: {
    hostname: string;
    port: number;
    socket: {
      binaryType: string;
      open(socket: BareBunSocket): void;
      data(socket: BareBunSocket, bytes: Uint8Array): void;
      drain(socket: BareBunSocket): void;
    };
  }): { port: number };
};

/** Listens on a free port of 127.0.0.1 and echoes; gives the port. */
export function listenBare(runtime: "deno" | "bun" | "node"): Promise<number> {
  if (runtime === "deno") return Promise.resolve(listenDeno());
  return runtime === "bun" ? Promise.resolve(listenBun()) : listenNode();
}

function listenDeno(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  void (async () => {
    for await (const conn of listener) void echoDeno(conn);
  })();
  return listener.addr.port;
}

async function echoDeno(conn: BareDenoConn): Promise<void> {
  conn.setNoDelay();
  const buffer = new Uint8Array(64 * 1024);
  try {
    for (let n; (n = await conn.read(buffer)) !== null;) {
      for (let sent = 0; sent < n;) sent += await conn.write(buffer.subarray(sent, n));
    }
  } catch {
    // The load client left without reading everything.
  }
  conn.close();
}

function listenBun(): number {
  return Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      binaryType: "uint8array",
      open(socket) {
        socket.setNoDelay(true);
        socket.data = { rest: undefined };
      },
      data(socket, bytes) {
        const { rest } = socket.data;
        if (rest !== undefined) {
          const joined = new Uint8Array(rest.length + bytes.length);
          joined.set(rest);
          joined.set(bytes, rest.length);
          socket.data.rest = joined;
          return;
        }
        const taken = socket.write(bytes);
        if (taken < bytes.length) socket.data.rest = bytes.subarray(Math.max(0, taken));
      },
      drain(socket) {
        const { rest } = socket.data;
        if (rest === undefined) return;
        const taken = Math.max(0, socket.write(rest));
        socket.data.rest = taken < rest.length ? rest.subarray(taken) : undefined;
      },
    },
  }).port;
}

function listenNode(): Promise<number> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on("data", (bytes) => socket.write(bytes));
    socket.on("error", () => socket.destroy());
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
  });
}
