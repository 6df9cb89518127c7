/**
 * What the real Thriftgo writes to a plugin, captured: `thriftgo 0.4.1 -r -g go:package_prefix=p,naming_style=golint -o out
 * -p dump=...:foo=bar,baz a.thrift`, with `a.thrift` and `b.thrift` of the folder `vectors`.
 *
 * @module
 */
import { readFileSync } from "node:fs";

const FOLDER = new URL("./vectors/", import.meta.url);

/** The text of a file of the folder. */
export function vectorText(name: string): string {
  return readFileSync(new URL(name, FOLDER), "utf8");
}

/** The bytes of the request; new ones each time. */
export function capturedRequest(): Uint8Array {
  const hex = vectorText("request-thriftgo-0.4.1.hex").replace(/\s/g, "");
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
