import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Http2Error } from "../../../../codecs/http2/errors.ts";
import { HeaderList } from "../../../../codecs/http2/header_list.ts";
import { HpackDecoder, type HpackDecoderOptions } from "../../../../codecs/http2/hpack/decoder.ts";
import { hex, random } from "../hex.ts";

type Step = readonly [block: string, tableBytes: number, fields: string];

const WWW = ":authority=www.example.com";
const FIRST = `:method=GET :scheme=http :path=/ ${WWW}`;
const THIRD = `:method=GET :scheme=https :path=/index.html ${WWW} custom-key=custom-value`;
const DATE = "date=Mon, 21 Oct 2013 20:13:21 GMT";
const LOCATION = "location=https://www.example.com";
const PRIVATE = "cache-control=private";
const SET_COOKIE = "set-cookie=foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1";

/** RFC 7541 appendix C.2 to C.6: block after block with one table; the last two with 256 octets of it. */
const EXAMPLES: Record<string, { tableBytes?: number; steps: Step[] }> = {
  "C.2.1": { steps: [["400a637573746f6d2d6b65790d637573746f6d2d686561646572", 55, "custom-key=custom-header"]] },
  "C.2.2": { steps: [["040c2f73616d706c652f70617468", 0, ":path=/sample/path"]] },
  "C.2.3": { steps: [["100870617373776f726406736563726574", 0, "password=secret"]] },
  "C.2.4": { steps: [["82", 0, ":method=GET"]] },
  "C.3": {
    steps: [
      ["828684410f7777772e6578616d706c652e636f6d", 57, FIRST],
      ["828684be58086e6f2d6361636865", 110, `${FIRST} cache-control=no-cache`],
      ["828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565", 164, THIRD],
    ],
  },
  "C.4": {
    steps: [
      ["828684418cf1e3c2e5f23a6ba0ab90f4ff", 57, FIRST],
      ["828684be5886a8eb10649cbf", 110, `${FIRST} cache-control=no-cache`],
      ["828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf", 164, THIRD],
    ],
  },
  "C.5": {
    tableBytes: 256,
    steps: [
      [
        `4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d54
         6e1768747470733a2f2f7777772e6578616d706c652e636f6d`,
        222,
        `:status=302 ${PRIVATE} ${DATE} ${LOCATION}`,
      ],
      ["4803333037c1c0bf", 222, `:status=307 ${PRIVATE} ${DATE} ${LOCATION}`],
      [
        `88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d
         4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31`,
        215,
        `:status=200 ${PRIVATE} ${DATE.replace("21 G", "22 G")} ${LOCATION} content-encoding=gzip ${SET_COOKIE}`,
      ],
    ],
  },
  "C.6": {
    tableBytes: 256,
    steps: [
      [
        `488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff
         6e919d29ad171863c78f0b97c8e9ae82ae43d3`,
        222,
        `:status=302 ${PRIVATE} ${DATE} ${LOCATION}`,
      ],
      ["4883640effc1c0bf", 222, `:status=307 ${PRIVATE} ${DATE} ${LOCATION}`],
      [
        `88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960
         d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007`,
        215,
        `:status=200 ${PRIVATE} ${DATE.replace("21 G", "22 G")} ${LOCATION} content-encoding=gzip ${SET_COOKIE}`,
      ],
    ],
  },
};

function decoder(tableBytes?: number, options?: HpackDecoderOptions): HpackDecoder {
  const made = new HpackDecoder(options);
  if (tableBytes !== undefined) {
    made.limitTable(tableBytes);
    made.decode(updates(tableBytes), 0, updates(tableBytes).length);
  }
  return made;
}

function updates(tableBytes: number): Uint8Array {
  return tableBytes === 256 ? hex("3fe101") : hex((0x20 | tableBytes).toString(16));
}

function decode(to: HpackDecoder, text: string): HeaderList {
  const bytes = hex(text);
  return to.decode(bytes, 0, bytes.length);
}

function shown(list: HeaderList): string {
  return [...list].map(([name, value]) => `${name}=${value}`).join(" ");
}

function refuses(text: string, part: string, to = new HpackDecoder()): void {
  const error = assertThrows(() => decode(to, text), Http2Error, part);
  assertEquals([error.code, error.streamId], [9, 0]);
}

describe("HpackDecoder", () => {
  for (const [name, { tableBytes, steps }] of Object.entries(EXAMPLES)) {
    it(`decodes RFC 7541 ${name}`, () => {
      const to = decoder(tableBytes);
      for (const [block, table, fields] of steps) {
        assertEquals(shown(decode(to, block)), fields);
        assertEquals(to.tableBytes, table);
      }
    });
  }

  it("throws for a block cut inside a field, and decodes one cut between fields", () => {
    for (const { tableBytes, steps } of Object.values(EXAMPLES)) {
      for (let step = 0; step < steps.length; step++) {
        const whole = hex(steps[step]![0]);
        for (let cut = 0; cut < whole.length; cut++) {
          const to = decoder(tableBytes);
          for (const [block] of steps.slice(0, step)) decode(to, block);
          try {
            const list = to.decode(whole, 0, cut);
            assert(steps[step]![2].startsWith(shown(list)));
          } catch (error) {
            assert(error instanceof Http2Error && error.code === 9, String(error));
          }
        }
      }
    }
  });

  it("gives the same sealed list for the same block until the table changes", () => {
    const to = new HpackDecoder();
    decode(to, "828684410f7777772e6578616d706c652e636f6d");
    const list = decode(to, "828684be");
    assertStrictEquals(decode(to, "828684be"), list);
    assertThrows(() => list.add("a", "b"), Error, "sealed");
    decode(to, "4001610162");
    const after = decode(to, "828684be");
    assertEquals(shown(after), ":method=GET :scheme=http :path=/ a=b");
    assertStrictEquals(decode(to, "828684be"), after);
  });

  it("tells the sensitive fields, and keeps no trace of them", () => {
    const to = new HpackDecoder();
    const list = decode(to, "82100870617373776f726406736563726574");
    assertEquals([list.isSensitive(0), list.isSensitive(2), to.tableBytes], [false, true, 0]);
    assert(decode(to, "82100870617373776f726406736563726574") !== list);
  });

  it("keeps octets above 127 as chars, and long strings whole", () => {
    assertEquals(decode(new HpackDecoder(), "000161 04 e28298ff").get("a"), "\xe2\x82\x98\xff");
    const long = "ff".repeat(9000);
    const list = decode(new HpackDecoder(), `000161 7fa945 ${long}`);
    assertEquals(list.get("a"), "\xff".repeat(9000));
  });

  it("refuses indexes outside the tables", () => {
    for (const bad of ["80", "be", "ff8001", "7e0161", "ffffffff0f", "0f2f0161", "1f2f0161"]) refuses(bad, "");
  });

  it("refuses strings longer than their block", () => {
    refuses("00016103", "exceeds its header block");
    refuses("00ffffff7f", "");
    refuses("0001617fffffff7f", "");
  });

  it("takes size updates at the start only, two at most, and none above the limit", () => {
    assertEquals(shown(decode(new HpackDecoder(), "203fe11f82")), ":method=GET");
    refuses("8220", "size update after a field");
    refuses("20202082", "more than 2 size updates");
    refuses("3fe21f", "size update to 4097 exceeds 4096");
    const small = decoder(0);
    refuses("21", "exceeds 0", small);
  });

  it("demands a size update after its own limit was lowered, to the lowest", () => {
    const to = new HpackDecoder();
    to.limitTable(10);
    to.limitTable(4096);
    assertEquals(shown(decode(to, "2a3fe11f82")), ":method=GET");
    const lax = new HpackDecoder();
    lax.limitTable(10);
    refuses("82", "no size update to 10 or less", lax);
  });

  it("empties the table for an entry larger than it", () => {
    const to = decoder(256);
    decode(to, "40016101624001630164");
    assertEquals(to.tableBytes, 68);
    decode(to, `4001617f8101${"62".repeat(256)}`);
    assertEquals(to.tableBytes, 0);
  });
});

describe("HpackDecoder's budget", () => {
  it("keeps what fits of a list that is too large, and the table in step", () => {
    const to = new HpackDecoder({ maxListBytes: 100 });
    const list = decode(to, `400161016240016301640001 65 20 ${"66".repeat(32)} 4001670168 82`);
    assertEquals([shown(list), list.tooLarge, list.octets <= 100], ["a=b c=d", true, true]);
    assertEquals(shown(decode(to, "bebf")), "g=h c=d");
  });

  it("does not let references to one large entry grow", () => {
    const to = new HpackDecoder();
    decode(to, `40 0161 7f811e ${"78".repeat(3968)}`);
    assert(to.tableBytes > 3900);
    const bomb = new Uint8Array(16384).fill(0xbe);
    const list = to.decode(bomb, 0, bomb.length);
    assertEquals([list.tooLarge, list.count], [true, 4]);
  });

  it("makes no string that neither list nor table can hold", () => {
    const to = new HpackDecoder({ maxListBytes: 64 });
    const bytes = new Uint8Array(70_007).fill(0x61);
    bytes.set(hex("400161 7f f1a104")); // a value of 70,000 octets
    const list = to.decode(bytes, 0, bytes.length);
    assertEquals([list.tooLarge, list.count, to.tableBytes], [true, 0, 0]);
  });
});

describe("HpackDecoder under random blocks", () => {
  it("gives lists within the limit or throws a COMPRESSION_ERROR", () => {
    const next = random(42);
    const seeds = Object.values(EXAMPLES).flatMap(({ steps }) => steps.map(([block]) => hex(block)));
    let to = new HpackDecoder({ maxListBytes: 400 });
    let lists = 0;
    for (let round = 0; round < 6000; round++) {
      const block = round % 2 === 0
        ? Uint8Array.from({ length: next(40) }, () => next(256))
        : mutate(seeds[next(seeds.length)]!, next);
      try {
        const list = to.decode(block, 0, block.length);
        lists++;
        assert(list.octets <= 400 && to.tableBytes <= 4096);
      } catch (error) {
        if (!(error instanceof Http2Error && error.code === 9)) throw error;
        to = new HpackDecoder({ maxListBytes: 400 });
      }
    }
    assert(lists > 300);
  });
});

function mutate(seed: Uint8Array, next: (below: number) => number): Uint8Array {
  const block = seed.slice(0, 1 + next(seed.length));
  for (let i = next(3); i >= 0; i--) block[next(block.length)] = next(256);
  return block;
}
