/**
 * Random schemas and values through all payloads, and generated code beside codecs made from schemas.
 *
 * @module
 */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { binary } from "../../../codecs/thrift/binary.ts";
import type { Payload } from "../../../codecs/thrift/payload.ts";
import { UNDERRUN } from "../../../codecs/thrift/underrun.ts";
import { ReadBuffer } from "../../../lib/io/read_buffer.ts";
import type { StructSchema } from "../../../lib/schema/types.ts";
import { seeded } from "../../lib/io/random.ts";
import { bare, decode, encode, header, payloads, toHex, wrap } from "./payloads.ts";
import { type Random, randomOf, randomStruct } from "./random_schema.ts";
import * as sample from "./sample.gen.ts";
import { show } from "./show.ts";

const SEEDS = 120;

/** Calls `check` with a schema and a value for each seed; a failure names it. */
function forSeeds(
  check: (schema: StructSchema<Record<string, unknown>>, value: Record<string, unknown>, random: Random) => void,
): void {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = seeded(seed * 7919);
    for (let i = 0; i < 10; i++) random(2); // the first of neighbouring seeds are alike
    const schema = randomStruct(random);
    try {
      check(schema, randomOf(random, schema), random);
    } catch (cause) {
      throw new Error(`seed ${seed}: ${cause}`, { cause });
    }
  }
}

/** What reading a message that ends early throws. */
function thrownBy(payload: Payload, schema: StructSchema<unknown>, bytes: Uint8Array): unknown {
  const r = new ReadBuffer().reset(bytes);
  try {
    payload.readMessageBegin(r, header());
    payload.codec(schema).decode(r);
    payload.readMessageEnd(r);
  } catch (error) {
    return error;
  }
  return undefined;
}

for (const payload of payloads()) {
  describe(`any struct in ${payload.name}`, () => {
    it("is read as it was written", () => {
      forSeeds((schema, value) =>
        assertEquals(show(decode(payload, schema, encode(payload, schema, value))), show(value))
      );
    });

    it("is skipped to its last byte", () => {
      forSeeds((schema, value) => {
        const bytes = encode(payload, schema, value);
        const r = new ReadBuffer().reset(bytes);
        payload.skipStruct(r);
        assertEquals(r.pos, bytes.length);
      });
    });

    it("gives UNDERRUN wherever its message is cut", () => {
      forSeeds((schema, value) => {
        const bytes = wrap(payload, encode(payload, schema, value));
        const step = Math.ceil(bytes.length / 100);
        for (let end = 0; end < bytes.length - (payload.name === "json" ? 0 : 1); end += step) {
          assertStrictEquals(thrownBy(payload, schema, bytes.subarray(0, end)), UNDERRUN);
        }
      });
    });

    it("is found by the scanner, in whatever pieces it comes", () => {
      forSeeds((schema, value, random) => {
        const message = wrap(payload, encode(payload, schema, value));
        const bytes = new Uint8Array(3 + message.length + 5).fill(0x5b);
        bytes.set(message, 3);
        const scanner = payload.scanner();
        for (let end = 3; end < 3 + message.length; end += 1 + random(40)) {
          assertEquals(scanner.scan(bytes.subarray(0, end), 3), -1);
        }
        assertEquals(scanner.scan(bytes, 3), 3 + message.length);
      });
    });
  });
}

describe("generated code", () => {
  for (const schema of [sample.AllTypes, sample.Odd, sample.Choice, sample.EchoRequest, sample.OtherExceptionSchema]) {
    const plain = bare<unknown>(schema);
    it(`writes and reads ${schema.name} as a codec made from its schema does`, () => {
      const random = seeded(schema.name.length * 104729);
      for (let i = 0; i < 40; i++) {
        const value = randomOf<unknown>(random, schema);
        const bytes = encode<unknown>(binary(), schema, value);
        assertEquals(toHex(bytes), toHex(encode(binary(), plain, value)));
        const read = decode<unknown>(binary(), schema, bytes);
        assertEquals(show(read), show(value));
        assertEquals(show(read), show(decode(binary(), plain, bytes)));
      }
    });

    it(`of ${schema.name} gives UNDERRUN wherever the bytes are cut`, () => {
      const random = seeded(schema.name.length * 31337);
      for (let i = 0; i < 12; i++) {
        const bytes = encode<unknown>(binary(), schema, randomOf<unknown>(random, schema));
        for (let end = random(3); end < bytes.length; end += Math.ceil(bytes.length / 300)) {
          const thrown = thrownBy(binary(), schema, wrap(binary(), bytes.subarray(0, end)));
          if (thrown !== UNDERRUN) assert(false, `cut at ${end} of ${bytes.length}: ${thrown}`);
        }
      }
    });
  }
});
