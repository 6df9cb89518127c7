/**
 * Stories through the encoder and the decoder: what is read is what was written, and both keep the same table.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { HpackDecoder } from "../../../../codecs/http2/hpack/decoder.ts";
import { HpackEncoder } from "../../../../codecs/http2/hpack/encoder.ts";
import { WriteBuffer } from "../../../../lib/io/write_buffer.ts";
import { fieldsOf, listOf, stories } from "./stories.ts";

describe("HPACK, story by story:", () => {
  for (const { name, steps } of stories()) {
    it(name, () => {
      const encoder = new HpackEncoder();
      const decoder = new HpackDecoder({ maxListBytes: 1 << 20 });
      let [plain, coded] = [0, 0];
      for (const step of steps) {
        for (const size of step.sizes) {
          encoder.limitTable(size);
          decoder.limitTable(size);
        }
        const list = listOf(step);
        const w = new WriteBuffer();
        encoder.encode(w, list);
        const block = w.written();
        const decoded = decoder.decode(block, 0, block.length);
        assertEquals([fieldsOf(decoded), decoded.fault, decoded.tooLarge], [step.fields, undefined, false]);
        assertEquals(decoder.tableBytes, encoder.tableBytes);
        plain += list.octets;
        coded += block.length;
      }
      assert(coded < plain, `${coded} octets for ${plain}`);
    });
  }
});
