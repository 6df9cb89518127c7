import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { addressOf, ipOctets } from "../../../../codecs/grpc/channelz/address.ts";

const octets = (text: string): number[] | undefined => {
  const found = ipOctets(text);
  return found && [...found];
};

describe("ipOctets", () => {
  it("reads IPv4", () => {
    assertEquals(octets("127.0.0.1"), [127, 0, 0, 1]);
    assertEquals(octets("255.255.255.255"), [255, 255, 255, 255]);
  });

  it("reads IPv6 in all its forms", () => {
    const zeros = (count: number): number[] => new Array<number>(count).fill(0);
    assertEquals(octets("::"), zeros(16));
    assertEquals(octets("::1"), [...zeros(15), 1]);
    assertEquals(octets("2001:db8::"), [0x20, 1, 0xd, 0xb8, ...zeros(12)]);
    assertEquals(octets("1:2:3:4:5:6:7:8"), [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]);
    assertEquals(octets("fe80::a%eth0"), [0xfe, 0x80, ...zeros(13), 10]);
    assertEquals(octets("::ffff:10.1.2.3"), [...zeros(10), 255, 255, 10, 1, 2, 3]);
    assertEquals(octets("1:2:3:4:5:6:7::"), [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 0]);
  });

  for (
    const text of [
      "",
      "localhost",
      "1.2.3",
      "1.2.3.256",
      "1.2.3.4.5",
      "1.2.3.x",
      ":",
      "1:2",
      "1::2::3",
      "1:2:3:4:5:6:7:8:9",
      "1:2:3:4:5:6:7:8::",
      "12345::",
      "::g",
      "::1.2.3",
    ]
  ) {
    it(`reads nothing of ${JSON.stringify(text)}`, () => assertEquals(ipOctets(text), undefined));
  }
});

describe("addressOf", () => {
  it("tells addresses, paths and names apart", () => {
    assertEquals(addressOf({ hostname: "10.0.0.1", port: 80 }), {
      address: { case: "tcpipAddress", value: { ipAddress: Uint8Array.of(10, 0, 0, 1), port: 80 } },
    });
    assertEquals(addressOf({ path: "/run/x" }), { address: { case: "udsAddress", value: { filename: "/run/x" } } });
    assertEquals(addressOf({ hostname: "here", port: 80 }), {
      address: { case: "otherAddress", value: { name: "here:80" } },
    });
  });
});
