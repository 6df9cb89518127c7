/**
 * Sizes of strings and binaries as Go counts them, and tests for parts of a binary.
 *
 * @module
 */

/** Bytes of a string in UTF-8, without encoding it. A lone surrogate counts as the three bytes it is sent as. */
export function utf8Size(text: string): number {
  let size = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) size++;
    else if (isPair(text, i, unit)) {
      size += 2; // two units, four bytes
      i++;
    } else size += 2;
  }
  return size;
}

/** Code points of a string; a lone surrogate counts as one. */
export function runeCount(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length; i++) {
    if (isPair(text, i, text.charCodeAt(i))) {
      count--;
      i++;
    }
  }
  return count;
}

/** Code points of bytes in UTF-8; each byte that belongs to none counts as one. */
export function utf8RuneCount(bytes: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < bytes.length; count++) i += runeWidth(bytes, i);
  return count;
}

/** How many bytes the first `count` code points take, or all bytes if there are fewer; each byte that belongs to none is one. */
export function utf8Prefix(bytes: Uint8Array, count: number): number {
  let at = 0;
  for (let i = 0; i < count && at < bytes.length; i++) at += runeWidth(bytes, at);
  return at;
}

/** Does `bytes` begin with `part`? */
export function startsWithBytes(bytes: Uint8Array, part: Uint8Array): boolean {
  return hasAt(bytes, part, 0);
}

/** Does `bytes` end with `part`? */
export function endsWithBytes(bytes: Uint8Array, part: Uint8Array): boolean {
  return hasAt(bytes, part, bytes.length - part.length);
}

/** Does `bytes` hold `part` anywhere? Takes time in proportion to their lengths together. */
export function includesBytes(bytes: Uint8Array, part: Uint8Array): boolean {
  if (part.length === 0) return true;
  const back = fallbacks(part);
  let matched = 0;
  for (const byte of bytes) {
    while (matched > 0 && part[matched] !== byte) matched = back[matched - 1]!;
    if (part[matched] === byte) matched++;
    if (matched === part.length) return true;
  }
  return false;
}

function isPair(text: string, at: number, unit: number): boolean {
  return (unit & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
}

/** Bytes of the code point at `at`; 1 if none is there. */
function runeWidth(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0xc2 || first > 0xf4) return 1;
  const second = bytes[at + 1] ?? 0;
  const width = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  // overlong forms, surrogates, and what is beyond U+10FFFF
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 1;
  for (let i = 2; i < width; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 1;
  return width;
}

function hasAt(bytes: Uint8Array, part: Uint8Array, at: number): boolean {
  if (at < 0 || at + part.length > bytes.length) return false;
  for (let i = 0; i < part.length; i++) if (bytes[at + i] !== part[i]) return false;
  return true;
}

/** For each prefix of `part`, the length of the longest shorter one that it ends with. */
function fallbacks(part: Uint8Array): number[] {
  const back = [0];
  for (let i = 1, matched = 0; i < part.length; i++) {
    while (matched > 0 && part[matched] !== part[i]) matched = back[matched - 1]!;
    if (part[matched] === part[i]) matched++;
    back.push(matched);
  }
  return back;
}
