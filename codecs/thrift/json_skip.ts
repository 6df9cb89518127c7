/**
 * Moves over JSON values of any Thrift type without making anything of them.
 *
 * @module
 */
import type { ReadBuffer } from "../../lib/io/read_buffer.ts";
import { readHeader, readTag } from "./json_tags.ts";
import {
  another,
  CLOSE_LIST,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  expect,
  OPEN_LIST,
  OPEN_OBJECT,
  peekToken,
  readDouble,
  readI64,
  readRaw,
} from "./json_text.ts";
import { tooDeep } from "./reader_guards.ts";
import { isTree, TType } from "./ttype.ts";

/** Moves over a value of type `ttype` that lies in a struct or container at depth `depth`. */
export function skipJson(r: ReadBuffer, ttype: number, depth: number): void {
  switch (ttype) {
    case TType.STRING:
    case TType.UUID:
      readRaw(r);
      return;
    case TType.DOUBLE:
      readDouble(r);
      return;
    case TType.STRUCT:
      return skipJsonStruct(r, depth + 1);
    case TType.LIST:
    case TType.SET:
      return skipList(r, depth + 1);
    case TType.MAP:
      return skipMap(r, depth + 1);
    default:
      readI64(r);
  }
}

/** Moves over a struct at depth `depth`. */
export function skipJsonStruct(r: ReadBuffer, depth: number): void {
  if (depth > r.maxDepth) throw tooDeep(r);
  expect(r, OPEN_OBJECT);
  if (peekToken(r) === CLOSE_OBJECT) {
    r.pos++;
    return;
  }
  do {
    skipJson(r, readHeader(r) >>> 16, depth);
    expect(r, CLOSE_OBJECT);
  } while (another(r, CLOSE_OBJECT));
}

function skipList(r: ReadBuffer, depth: number): void {
  expect(r, OPEN_LIST);
  const element = readTag(r);
  expect(r, COMMA);
  readI64(r);
  while (another(r, CLOSE_LIST)) {
    if (depth >= r.maxDepth && isTree(element)) throw tooDeep(r);
    skipJson(r, element, depth);
  }
}

function skipMap(r: ReadBuffer, depth: number): void {
  expect(r, OPEN_LIST);
  const key = readTag(r);
  expect(r, COMMA);
  const value = readTag(r);
  expect(r, COMMA);
  readI64(r);
  expect(r, COMMA);
  expect(r, OPEN_OBJECT);
  if (peekToken(r) === CLOSE_OBJECT) r.pos++;
  else {
    if (depth >= r.maxDepth && (isTree(key) || isTree(value))) throw tooDeep(r);
    do {
      skipJson(r, key, depth);
      expect(r, COLON);
      skipJson(r, value, depth);
    } while (another(r, CLOSE_OBJECT));
  }
  expect(r, CLOSE_LIST);
}
