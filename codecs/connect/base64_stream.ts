/**
 * Content in base64, as gRPC-Web's text form has it: pieces may each be padded.
 *
 * @module
 */
import { GrpcError, GrpcStatus } from "../grpc/status.ts";

/** Bytes as base64, in bytes again. */
export function encodeText(bytes: Uint8Array): Uint8Array {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return new TextEncoder().encode(btoa(text));
}

/** Reads content in base64 piece by piece. */
export class TextDecoding {
  #rest = "";

  /** True if less than a whole group is left over. */
  get incomplete(): boolean {
    return this.#rest !== "";
  }

  /** What the next piece holds. Throws a `GrpcError` if it is no base64. */
  decode(piece: Uint8Array): Uint8Array {
    const text = this.#rest + new TextDecoder().decode(piece);
    const whole = text.length - text.length % 4;
    this.#rest = text.slice(whole);
    const bytes = new Uint8Array(whole / 4 * 3);
    let length = 0;
    // A group with padding ends what one call of an encoder made: each is decoded by itself.
    for (const [part] of text.slice(0, whole).matchAll(/[^=]+={0,2}|=+/g)) {
      for (const char of decoded(part)) bytes[length++] = char.charCodeAt(0);
    }
    return bytes.subarray(0, length);
  }
}

function decoded(text: string): string {
  try {
    if (text.length % 4 === 0) return atob(text);
  } catch {
    // The error is the same as for a wrong length.
  }
  throw new GrpcError(GrpcStatus.INVALID_ARGUMENT, "content is no base64");
}
