/**
 * Ways to spoil a message.
 *
 * @module
 */

/** Gives integers in `[0, limit)`. */
export type Random = (limit: number) => number;

const LENGTHS = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x00ffffff, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff];

/** A hostile input: random bytes, or one or more of the recordings spoiled. */
export function mutate(valid: readonly Uint8Array[], below: Random): Uint8Array {
  const pick = (): Uint8Array => valid[below(valid.length)]!;
  let bytes = pick().slice();
  switch (below(8)) {
    case 0:
      return Uint8Array.from({ length: 1 + below(200) }, () => below(256));
    case 1:
      return nested(below(100_000), below(2));
    case 2:
      bytes = bytes.subarray(0, below(bytes.length)); // cut
      break;
    case 3:
      bytes = join(bytes, pick(), pick()); // several at once, perhaps of several protocols
      break;
    case 4:
      bytes = join(bytes.subarray(0, below(bytes.length)), pick().subarray(below(10))); // spliced
      break;
  }
  for (let times = below(4); times > 0 && bytes.length > 4; times--) {
    const at = below(bytes.length - 4);
    if (below(2) === 0) bytes[at] = below(256);
    else new DataView(bytes.buffer, bytes.byteOffset).setUint32(at, LENGTHS[below(LENGTHS.length)]!);
  }
  return bytes;
}

/** A framed call whose argument nests structs or lists as deep as told. */
function nested(depth: number, kind: number): Uint8Array {
  const level = kind === 0 ? [0x0c, 0x00, 0x01] : [0x0f, 0x00, 0x01, 0x0f, 0x00, 0x00, 0x00, 0x01];
  const head = [0x80, 0x01, 0x00, 0x01, 0, 0, 0, 4, 0x65, 0x63, 0x68, 0x6f, 0, 0, 0, 1];
  const length = head.length + depth * level.length;
  const bytes = new Uint8Array(4 + length);
  new DataView(bytes.buffer).setUint32(0, length);
  bytes.set(head, 4);
  for (let i = 0; i < depth; i++) bytes.set(level, 4 + head.length + i * level.length);
  return bytes;
}

function join(...parts: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
