/**
 * What every server of `echo.proto` must do, call by call, seen through Updraft's client.
 *
 * @module
 */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { ProtobufService } from "../../codecs/protobuf/service.ts";
import { type Client, Metadata, RpcError } from "../../mod.ts";
import { CALLER, type Check } from "./checks.ts";
import { Color } from "./gen/echo_pb.ts";
import type { PbEcho } from "./proto_handlers.ts";

type ClientOf<S> = S extends ProtobufService<unknown, infer C> ? Client<C> : never;

/** The checks; `header` says whether the protocol carries metadata and business statuses. */
export function protoChecks(client: ClientOf<typeof PbEcho>, header: boolean): Check[] {
  const all = {
    vbool: true,
    vi32: -(2 ** 31),
    vi64: -(2n ** 63n),
    vu64: 2n ** 64n - 1n,
    vdouble: -1.5e300,
    vstring: "héllo 世界 🎉",
    vbytes: new Uint8Array([0, 1, 0x80, 0xff]),
    venum: Color.BLUE,
    inner: { name: "i", num: 7, colors: [Color.RED, Color.BLUE] },
    rints: [1, -2, 3],
    mss: { k: "v" },
    mii: { [-5]: { name: "m" } },
    choice: { case: "cn", value: 9n } as const,
    ostring: "",
    bigid: "field 1001",
  };
  const failedWith = async (call: Promise<unknown>, part: string): Promise<void> => {
    const error = await assertRejects(() => call, RpcError);
    assertEquals([error.kind, error.remote], ["internal", true]);
    assertStringIncludes(error.message, part);
  };
  const checks: Check[] = [
    ["echo", async () => assertEquals((await client.echo({ msg: "hi 世界" })).msg, "hi 世界")],
    ["echo empty", async () => assertEquals((await client.echo({})).msg, "")],
    ["echo all types", async () => {
      const reply = (await client.echo({ msg: "m", all })).all;
      for (
        const key of [
          "vbool",
          "vi32",
          "vi64",
          "vu64",
          "vdouble",
          "vstring",
          "vbytes",
          "venum",
          "rints",
          "mss",
          "choice",
          "ostring",
          "bigid",
        ] as const
      ) {
        assertEquals(reply?.[key], all[key]);
      }
      assertEquals([reply?.inner?.name, reply?.inner?.colors, reply?.mii[-5]?.name], ["i", [1, 5], "m"]);
    }],
    ["undeclared error", () => failedWith(client.fail({ kind: "plain" }), "plain go error")],
    ["panic", () => failedWith(client.fail({ kind: "panic" }), "panic")],
    ["call after an error", async () => assertEquals((await client.fail({ kind: "none" })).msg, "none")],
    ["timeout", async () => {
      const error = await assertRejects(() => client.sleep({ ms: 600 }, { timeoutMs: 100 }), RpcError);
      assertEquals(error.kind, "timeout");
    }],
    ["50 calls at once", async () => {
      const texts = Array.from({ length: 50 }, (_, i) => `text ${i}`);
      assertEquals((await Promise.all(texts.map((msg) => client.echo({ msg })))).map(({ msg }) => msg), texts);
    }],
  ];
  if (!header) return checks;
  return [
    ...checks,
    ["biz status", async () => {
      const call = client.bizError({ code: 10001, msg: "biz 世界 message", extra: { k: "v" } });
      const { kind, code, message, extra } = await assertRejects(() => call, RpcError);
      assertEquals([kind, code, message, extra], ["business", 10001, "biz 世界 message", { k: "v" }]);
    }],
    ["metadata both ways", async () => {
      const meta = new Metadata({ transient: { TK: "tv" }, persistent: { PK: "pv" } });
      const answer = await client.meta({}, { meta });
      assertEquals([answer.transientKV, answer.persistentKV], [{ TK: "tv" }, { PK: "pv" }]);
      assertEquals([meta.backward.get("back-k1"), meta.backward.get("BACK_K2")], ["back-v1", "back-v2"]);
      assertEquals([answer.caller, answer.method.toLowerCase()], [CALLER, "meta"]);
    }],
  ];
}
