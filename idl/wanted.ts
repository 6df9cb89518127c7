/**
 * What the grammar could take where a text ends. The parser fills it in when it is given one: so what an editor offers is
 * what the parser takes.
 *
 * @module
 */
import type { TypeNode } from "./ast.ts";

/** A piece of the grammar that is more than a fixed word. */
export type Piece =
  | "language"
  | "path"
  | "type"
  | "service"
  | "value"
  | "annotation"
  | "annotation value";

/** What an annotation list stands behind. */
export type AnnotationPlace =
  | "namespace"
  | "const"
  | "typedef"
  | "enum"
  | "member"
  | "struct"
  | "field"
  | "service"
  | "function"
  | "type";

/** Gathers what may follow, up to the first thing that must. */
export class Wanted {
  /** Fixed words that may stand here. */
  readonly words: Set<string> = new Set();
  /** Pieces that may stand here. */
  readonly pieces: Set<Piece> = new Set();
  /** The type that a value here is to have. */
  type: TypeNode | undefined;
  /** What an annotation here would be about. */
  annotated: AnnotationPlace | undefined;
  /** False once something was missing that must be there: what the parser asks for after that is recovery. */
  open = true;
}
