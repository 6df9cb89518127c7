/**
 * A name server on loopback, as small as tests need it: A, AAAA and SRV records of some names, over UDP.
 *
 * @module
 */
import { createSocket } from "node:dgram";

/** Records of a name: addresses with their time in seconds; services as priority, weight, port and target. */
export interface Records {
  readonly A?: readonly (readonly [address: string, ttlSeconds: number])[];
  readonly AAAA?: readonly (readonly [address: string, ttlSeconds: number])[];
  readonly SRV?: readonly (readonly [priority: number, weight: number, port: number, target: string])[];
}

const [TYPE_A, TYPE_AAAA, TYPE_SRV] = [1, 28, 33];
const [SERVER_FAILURE, NO_SUCH_NAME] = [2, 3];

/** Starts one on a port of its own. A name with `"failure"` is answered with one, a name that is not there as unknown. */
export async function startNameServer(
  names: Readonly<Record<string, Records | "failure">>,
): Promise<{ readonly address: string; close(): Promise<void> }> {
  const socket = createSocket("udp4");
  socket.on("message", (query: Uint8Array, from: { port: number; address: string }) => {
    socket.send(answerTo(query, names), from.port, from.address);
  });
  await new Promise<void>((resolve) => void socket.bind(0, "127.0.0.1", () => resolve()));
  return {
    address: `127.0.0.1:${socket.address().port}`,
    close: () => new Promise((resolve) => void socket.close(() => resolve())),
  };
}

function answerTo(query: Uint8Array, names: Readonly<Record<string, Records | "failure">>): Uint8Array {
  const labels: string[] = [];
  let at = 12;
  for (; query[at]! > 0; at += query[at]! + 1) {
    labels.push(new TextDecoder().decode(query.subarray(at + 1, at + 1 + query[at]!)));
  }
  const type = (query[at + 1]! << 8) | query[at + 2]!;
  const question = query.subarray(12, at + 5);
  const known = names[labels.join(".").toLowerCase()];
  const records = known === undefined || known === "failure" ? [] : recordsOf(known, type);
  const code = known === "failure" ? SERVER_FAILURE : known === undefined ? NO_SUCH_NAME : 0;
  // An answer, authoritative; recursion as it was asked for, and available.
  const head = [query[0]!, query[1]!, 0x84 | (query[2]! & 1), 0x80 | code, 0, 1, 0, records.length, 0, 0, 0, 0];
  const answers = records.flatMap(([ttlSeconds, data]) => [
    ...[0xc0, 12, 0, type, 0, 1], // the name of the question, its type, the Internet
    ...[0, 0, ttlSeconds >> 8, ttlSeconds & 0xff],
    ...[data.length >> 8, data.length & 0xff],
    ...data,
  ]);
  return Uint8Array.from([...head, ...question, ...answers]);
}

function recordsOf(known: Records, type: number): readonly (readonly [ttlSeconds: number, data: number[]])[] {
  switch (type) {
    case TYPE_A:
      return (known.A ?? []).map(([address, ttl]) => [ttl, address.split(".").map(Number)]);
    case TYPE_AAAA:
      return (known.AAAA ?? []).map(([address, ttl]) => [ttl, sixteenBytes(address)]);
    case TYPE_SRV:
      return (known.SRV ?? []).map(([priority, weight, port, target]) => [
        30,
        [...[priority, weight, port].flatMap((number) => [number >> 8, number & 0xff]), ...encodeName(target)],
      ]);
    default:
      return [];
  }
}

/** The bytes of an address like `fd00::1`. */
function sixteenBytes(address: string): number[] {
  const [before = [], after = []] = address.split("::").map((part) => part.split(":").filter((each) => each !== ""));
  const groups = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => "0"), ...after];
  return groups.flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 0xff]);
}

function encodeName(name: string): number[] {
  return [...name.split(".").flatMap((label) => [label.length, ...new TextEncoder().encode(label)]), 0];
}
