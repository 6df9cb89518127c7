/**
 * Bounds what a message of Protocol Buffers becomes in memory when it is read from JSON: looked through before anything is made of
 * it, as `nested.ts` does for bytes.
 *
 * Each object may become a message. Where a type has places for values of any kind (`google.protobuf.Value`), or lists of types
 * that JSON has as numbers and texts (`google.protobuf.Int32Value`), each list and each value may too: there all are counted.
 *
 * @module
 */
import type { DescField, DescMessage, Registry } from "@bufbuild/protobuf";
import { tooMany } from "./nested.ts";

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Types that hold values of any kind. */
const ANY_VALUE: ReadonlySet<string> = new Set(
  ["Struct", "Value", "ListValue"].map((name) => `google.protobuf.${name}`),
);

const ANY = "google.protobuf.Any";

/** Types that are no objects in JSON, and messages nevertheless. */
const PLAIN =
  /^google\.protobuf\.(?:(?:Double|Float|U?Int64|U?Int32|Bool|String|Bytes)Value|Timestamp|Duration|FieldMask)$/;

/**
 * Throws an `RpcError` of kind `"protocol"` for JSON of a type that may become more than `maxNested` messages, the outermost one not
 * counted. Text too short for so many is not looked at. With a `registry`, `google.protobuf.Any` may hold any of its types.
 */
export function checkJson(desc: DescMessage, text: string, maxNested: number, registry: Registry | undefined): void {
  // A list in a list is two messages, and has two signs.
  if (text.length < maxNested) return;
  const all = ANY_VALUE.has(desc.typeName) || holdsValues(desc, registry, new Set());
  const found = all ? countValues(text, maxNested) : countObjects(text, maxNested);
  if (found > maxNested) throw tooMany(maxNested);
}

/** May a message have more messages in it than its JSON has objects? */
function holdsValues(desc: DescMessage, registry: Registry | undefined, seen: Set<DescMessage>): boolean {
  if (seen.has(desc)) return false;
  seen.add(desc);
  return desc.fields.some((field) => {
    const { message } = field;
    if (message === undefined) return false;
    if (ANY_VALUE.has(message.typeName) || (message.typeName === ANY && registry !== undefined)) return true;
    return (isMany(field) && PLAIN.test(message.typeName)) || holdsValues(message, registry, seen);
  });
}

function isMany({ fieldKind }: DescField): boolean {
  return fieldKind === "list" || fieldKind === "map";
}

/** How many objects are in the outermost one; not counted further than one more than `most`. */
function countObjects(text: string, most: number): number {
  let found = -1;
  let quoted = false;
  for (let i = 0; i < text.length && found <= most; i++) {
    const char = text.charCodeAt(i);
    if (char === QUOTE) quoted = !quoted;
    else if (char === BACKSLASH && quoted) i++;
    else if (char === OPEN_OBJECT && !quoted) found++;
  }
  return found;
}

/** How many values there are in the outermost one, an object or a list counted once more for itself; no further than `countObjects`. */
function countValues(text: string, most: number): number {
  let found = -1;
  let quoted = false;
  /** The last sign was the beginning of an object or a list: what follows is a value of it, unless it is the end. */
  let opened = false;
  for (let i = 0; i < text.length && found <= most; i++) {
    const char = text.charCodeAt(i);
    if (quoted) {
      if (char === QUOTE) quoted = false;
      else if (char === BACKSLASH) i++;
      continue;
    }
    if (char === SPACE || char === LINE_FEED || char === TAB || char === CARRIAGE_RETURN) continue;
    if (opened && char !== CLOSE_OBJECT && char !== CLOSE_LIST) found++;
    opened = char === OPEN_OBJECT || char === OPEN_LIST;
    if (opened || char === COMMA) found++;
    else quoted = char === QUOTE;
  }
  return found;
}
