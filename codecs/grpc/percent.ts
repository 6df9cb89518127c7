/**
 * `grpc-message`: UTF-8 in which every octet but printable ASCII, and `%` itself, is written as `%XX`.
 *
 * Spec: gRPC's PROTOCOL-HTTP2, "Status-Message".
 *
 * @module
 */

const PLAIN = /^[\x20-\x24\x26-\x7e]*$/;
/** Only what is needed is decoded: longer messages help nobody. */
const MAX_CHARS = 8_192;

/** A text as a field's value. Longer ones are cut. */
export function encodePercent(text: string): string {
  if (text.length > MAX_CHARS) text = `${text.slice(0, MAX_CHARS)}...`;
  if (PLAIN.test(text)) return text;
  let value = "";
  for (const byte of new TextEncoder().encode(text)) {
    value += byte >= 0x20 && byte <= 0x7e && byte !== 0x25
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return value;
}

/** The text of a field's value, one char an octet. Never fails: `%` without two digits stays, bad UTF-8 becomes U+FFFD. */
export function decodePercent(value: string): string {
  if (PLAIN.test(value)) return value;
  const bytes = new Uint8Array(value.length);
  let count = 0;
  for (let i = 0; i < value.length; i++) {
    const digits = value.slice(i + 1, i + 3);
    if (value[i] === "%" && /^[0-9A-Fa-f]{2}$/.test(digits)) {
      bytes[count++] = Number.parseInt(digits, 16);
      i += 2;
    } else bytes[count++] = value.charCodeAt(i);
  }
  return new TextDecoder().decode(bytes.subarray(0, count));
}
