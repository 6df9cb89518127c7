import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { JuteReader, JuteWriter } from "../../../../lib/discovery/zookeeper/jute.ts";
import { RpcError } from "../../../../lib/errors.ts";

/** What follows the length of a frame. */
function bodyOf(frame: JuteWriter): Uint8Array {
  return frame.frame().slice(4);
}

describe("jute", () => {
  it("writes what ZooKeeper's documentation and its clients write: a getChildren of /echo with a watch", () => {
    const frame = new JuteWriter().int(1).int(8).text("/echo").bool(true).frame();
    const expected = [0, 0, 0, 18, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 5, 0x2f, 0x65, 0x63, 0x68, 0x6f, 1];
    assertEquals([...frame], expected);
  });

  it("reads what it writes, and grows for it", () => {
    const long = "ü".repeat(1_000);
    const frame = new JuteWriter().int(-2).long(-(2n ** 63n)).bytes(new Uint8Array([1, 2])).text(long);
    const body = new JuteReader(bodyOf(frame.int(2).text("a").text("")));
    assertEquals([body.int(), body.long(), [...body.bytes()]], [-2, -(2n ** 63n), [1, 2]]);
    assertEquals([body.text(), body.texts()], [long, ["a", ""]]);
  });

  it("reads no text, no bytes and no list where the length is -1", () => {
    const body = new JuteReader(bodyOf(new JuteWriter().int(-1).int(-1).int(-1)));
    assertEquals([body.text(), body.bytes().length, body.texts()], ["", 0, []]);
  });

  it("throws for every strict prefix", () => {
    const whole = bodyOf(new JuteWriter().int(7).long(1n).bytes(new Uint8Array(3)).int(2).text("ab").text("c"));
    for (let length = 0; length < whole.length; length++) {
      const body = new JuteReader(whole.subarray(0, length));
      const error = assertThrows(() => [body.int(), body.long(), body.bytes(), body.texts()], RpcError, "ends before");
      assertEquals(error.kind, "protocol");
    }
  });

  it("makes no room for a list that cannot be there", () => {
    const body = new JuteReader(bodyOf(new JuteWriter().int(0x7fffffff).int(0)));
    assertThrows(() => body.texts(), RpcError, "a list of 2147483647");
  });
});
