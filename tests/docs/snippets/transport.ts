/**
 * What docs/writing_a_transport.md shows.
 *
 * @module
 */
import { createClient, createServer, type RawConn, type Transport } from "@updraft/rpc";
import { memory } from "@updraft/rpc/memory";
import { assert, assertEquals } from "@std/assert";
import { Greeter } from "../../../examples/gen/greeter.ts";
import { greeter } from "../../../examples/handlers.ts";

/** Counts the bytes of every connection dialled through another transport. */
function counting(inner: Transport, count: { sent: number; received: number }): Transport {
  return {
    name: inner.name,
    listen: (on, accept, options) => inner.listen(on, accept, options),
    dial: async (to, options) => counted(await inner.dial(to, options), count),
  };
}

function counted(conn: RawConn, count: { sent: number; received: number }): RawConn {
  return {
    local: conn.local,
    remote: conn.remote,
    tls: conn.tls,
    get lent() {
      return conn.lent;
    },
    start: (sink) =>
      conn.start({
        chunk(bytes, owned) {
          count.received += bytes.length;
          sink.chunk(bytes, owned);
        },
        end: () => sink.end(),
        drain: () => sink.drain(),
        close: (reason) => sink.close(reason),
      }),
    write(bytes) {
      const taken = conn.write(bytes);
      count.sent += taken;
      return taken;
    },
    pause: () => conn.pause(),
    resume: () => conn.resume(),
    closeWrite: () => conn.closeWrite(),
    close: () => conn.close(),
    abort: (reason) => conn.abort(reason),
  };
}

const network = memory();
const count = { sent: 0, received: 0 };
await using server = await createServer({ transport: network })
  .add(Greeter, greeter())
  .listen({ hostname: "anywhere", port: 1 });
await using client = createClient(Greeter, { to: server.address, transport: counting(network, count) });

assertEquals((await client.hello({ name: "Ada" })).text, "hello Ada");
assert(count.sent > 0 && count.received > 0);
