import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { HeaderList } from "../../../codecs/http2/header_list.ts";
import { IncomingBody } from "../../../lib/http/incoming_body.ts";
import { RpcError } from "../../../lib/errors.ts";

function made() {
  const told = { consumed: 0, left: 0 };
  const body = new IncomingBody({ consumed: (count) => told.consumed += count, left: () => void told.left++ });
  return { body, told, push: (...bytes: number[]) => body.push(Uint8Array.from(bytes), 0, bytes.length) };
}

describe("IncomingBody", () => {
  it("gives what came as one chunk, and credit when it is read", async () => {
    const { body, told, push } = made();
    push(1, 2);
    push(3);
    assertEquals(told.consumed, 0);
    assertEquals(await body.next(), Uint8Array.of(1, 2, 3));
    assertEquals(told.consumed, 3);
    const next = body.next();
    push(4);
    assertEquals(await next, Uint8Array.of(4));
    body.end(HeaderList.of({ a: "b" }));
    assertEquals([await body.next(), body.trailers?.get("a")], [null, "b"]);
  });

  it("gives what came before a failure, then the failure", async () => {
    const { body, push } = made();
    push(1);
    body.fail(new RpcError("transport", "gone"));
    assertEquals(await body.next(), Uint8Array.of(1));
    assertEquals((await assertRejects(() => body.next(), RpcError)).message, "gone");
  });

  it("drops what comes after its reader left, and gives credit for it", async () => {
    const { body, told, push } = made();
    push(1, 2, 3);
    for await (const _ of body) break;
    push(4, 5);
    assertEquals(told, { consumed: 5, left: 1 });
    body.leave();
    assertEquals(told.left, 1);
  });

  it("tells nobody of a reader who leaves after the end", async () => {
    const { body, told, push } = made();
    push(1);
    body.end();
    assertEquals(await body.bytes(), Uint8Array.of(1));
    assertEquals(told, { consumed: 1, left: 0 });
  });

  it("refuses to collect more than allowed", async () => {
    const { body, told, push } = made();
    push(1, 2, 3);
    const error = await assertRejects(() => body.bytes(2), RpcError);
    assertEquals([error.kind, error.message, told.left], ["protocol", "body of more than 2 bytes", 1]);
  });
});
