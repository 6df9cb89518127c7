/**
 * Edits of an IDL file's text, gathered first and made together.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { Document } from "../ast.ts";
import type { Span } from "../diagnostics.ts";
import { mustBeText } from "./must_be_text.ts";
import type { SourceFile } from "./plugin.ts";

/** A file with the edits a plugin asks for. */
export class SourceEdits implements SourceFile {
  readonly path: string;
  readonly document: Document;
  readonly #edits: { readonly start: number; readonly end: number; readonly text: string }[] = [];

  /** Begins without any. */
  constructor(document: Document) {
    this.path = document.source.file;
    this.document = document;
  }

  /** Puts text in front of an offset. */
  insert(offset: number, text: string): void {
    this.replace({ start: offset, end: offset }, text);
  }

  /** Puts text in the place of a stretch. */
  replace({ start, end }: Span, text: string): void {
    const { length } = this.document.source.text;
    if (!(Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end && end <= length)) {
      throw new RpcError("invalid", `${this.path} has no place ${start} to ${end}: it is ${length} long`);
    }
    this.#edits.push({ start, end, text: mustBeText(text, `what is put into ${this.path}`) });
  }

  /** The text with all edits made. Throws an `RpcError` of kind `"invalid"` if two of them overlap. */
  finish(): string {
    const { text } = this.document.source;
    let out = "";
    let from = 0;
    for (const edit of this.#edits.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
      if (edit.start < from) throw new RpcError("invalid", `two edits of ${this.path} overlap at ${edit.start}`);
      out += text.slice(from, edit.start) + edit.text;
      from = edit.end;
    }
    return out + text.slice(from);
  }
}
