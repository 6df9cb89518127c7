/**
 * The syntax tree of one Thrift IDL file: what was written, in the order it was written, each node with its place.
 *
 * Blanks and comments are not nodes: they are tokens of `Document.tokens`, and a node's place leads to them. A node the
 * parser could not finish is left out, and a diagnostic says why; the others are there.
 *
 * @module
 */
import type { Span } from "./diagnostics.ts";
import type { SourceText } from "./source.ts";
import type { TokenList } from "./tokens.ts";

/** One parsed file. */
export interface Document {
  /** Its text. */
  readonly source: SourceText;
  /** All of its tokens; they tile the text. */
  readonly tokens: TokenList;
  /** Includes and namespaces, in order. */
  readonly headers: readonly Header[];
  /** Definitions, in order. */
  readonly definitions: readonly Definition[];
}

/** What stands before the definitions. */
export type Header = IncludeNode | CppIncludeNode | NamespaceNode;

/** What a file defines. */
export type Definition = ConstNode | TypedefNode | EnumNode | StructNode | ServiceNode;

/** A name as written. */
export interface NameNode extends Span {
  /** The name; references may have dots. */
  readonly text: string;
}

/** A quoted string as written. */
export interface LiteralNode extends Span {
  /** Tells it from the other constant values. */
  readonly kind: "literal";
  /** What is between the quotes, escapes untouched. */
  readonly raw: string;
  /** The quote it is written in. */
  readonly quote: '"' | "'";
}

/** `include "path"`. */
export interface IncludeNode extends Span {
  /** Tells it from the other headers. */
  readonly kind: "include";
  /** The path. */
  readonly path: LiteralNode;
}

/** `cpp_include "path"`: kept, without meaning here. */
export interface CppIncludeNode extends Span {
  /** Tells it from the other headers. */
  readonly kind: "cpp_include";
  /** The path. */
  readonly path: LiteralNode;
}

/** `namespace scope name`. */
export interface NamespaceNode extends Span {
  /** Tells it from the other headers. */
  readonly kind: "namespace";
  /** Language it is for, or `*`. */
  readonly scope: NameNode;
  /** The namespace. */
  readonly name: NameNode;
  /** Annotations. */
  readonly annotations: readonly AnnotationNode[];
}

/** One `key = "value"` of an annotation list. */
export interface AnnotationNode extends Span {
  /** The key; may have dots. */
  readonly key: NameNode;
  /** The value; absent for a bare key, which means "1". */
  readonly value: LiteralNode | undefined;
}

/** `const type name = value`. */
export interface ConstNode extends Span {
  /** Tells it from the other definitions. */
  readonly kind: "const";
  /** Its name. */
  readonly name: NameNode;
  /** Its type. */
  readonly type: TypeNode;
  /** Its value. */
  readonly value: ValueNode;
  /** Annotations. */
  readonly annotations: readonly AnnotationNode[];
}

/** `typedef type name`. */
export interface TypedefNode extends Span {
  /** Tells it from the other definitions. */
  readonly kind: "typedef";
  /** The new name. */
  readonly name: NameNode;
  /** What it stands for. */
  readonly type: TypeNode;
  /** Annotations. */
  readonly annotations: readonly AnnotationNode[];
}

/** `enum name { ... }`. */
export interface EnumNode extends Span {
  /** Tells it from the other definitions. */
  readonly kind: "enum";
  /** Its name. */
  readonly name: NameNode;
  /** Its members, in order. */
  readonly members: readonly EnumMemberNode[];
  /** Annotations. */
  readonly annotations: readonly AnnotationNode[];
}

/** A member of an enum. */
export interface EnumMemberNode extends Span {
  /** Its name. */
  readonly name: NameNode;
  /** Its number, if written. */
  readonly value: IntNode | undefined;
  /** Annotations. */
  readonly annotations: readonly AnnotationNode[];
}

/** `struct`, `union` or `exception`. */
export interface StructNode extends Span {
  /** Which of the three. */
  readonly kind: "struct" | "union" | "exception";
  /** Its name. */
  readonly name: NameNode;
  /** Its fields, in order. */
  readonly fields: readonly FieldNode[];
  /** Annotations. */
  readonly annotations: readonly AnnotationNode[];
}

/** A field, an argument or a member of a throws list. */
export interface FieldNode extends Span {
  /** Its id, if written. */
  readonly id: IntNode | undefined;
  /** `required` or `optional`, if written. */
  readonly requiredness: NameNode | undefined;
  /** Its type. */
  readonly type: TypeNode;
  /** Its name. */
  readonly name: NameNode;
  /** Its default value, if written. */
  readonly default: ValueNode | undefined;
  /** Annotations. */
  readonly annotations: readonly AnnotationNode[];
}

/** `service name extends base { ... }`. */
export interface ServiceNode extends Span {
  /** Tells it from the other definitions. */
  readonly kind: "service";
  /** Its name. */
  readonly name: NameNode;
  /** The service it extends, if any. */
  readonly base: NameNode | undefined;
  /** Its own functions, in order. */
  readonly functions: readonly FunctionNode[];
  /** Annotations. */
  readonly annotations: readonly AnnotationNode[];
}

/** A function of a service. */
export interface FunctionNode extends Span {
  /** The word `oneway` (or `async`), if written. */
  readonly oneway: NameNode | undefined;
  /** What it returns; `undefined` for `void`. */
  readonly returns: TypeNode | undefined;
  /** Its name. */
  readonly name: NameNode;
  /** Its arguments, in order. */
  readonly args: readonly FieldNode[];
  /** The exceptions it may throw, in order. */
  readonly throws: readonly FieldNode[];
  /** Annotations. */
  readonly annotations: readonly AnnotationNode[];
}

/** A type as written. */
export interface TypeNode extends Span {
  /** Base type, `map`, `set`, `list`, or the name of a definition; `text` is what was written. */
  readonly name: NameNode;
  /** Key type of a map. */
  readonly key: TypeNode | undefined;
  /** Element type of a list or set, value type of a map. */
  readonly element: TypeNode | undefined;
  /** The `cpp_type` literal, without meaning here. */
  readonly cppType: LiteralNode | undefined;
  /** Annotations. */
  readonly annotations: readonly AnnotationNode[];
}

/** A constant value as written. */
export type ValueNode = IntNode | DoubleNode | LiteralNode | IdentifierNode | ListNode | MapNode;

/** An integer as written. */
export interface IntNode extends Span {
  /** Tells it from the other constant values. */
  readonly kind: "int";
  /** The text, with sign and base. */
  readonly text: string;
}

/** A number with a dot or an exponent, as written. */
export interface DoubleNode extends Span {
  /** Tells it from the other constant values. */
  readonly kind: "double";
  /** The text. */
  readonly text: string;
}

/** `true`, `false`, or a reference to a constant or an enum member. */
export interface IdentifierNode extends Span {
  /** Tells it from the other constant values. */
  readonly kind: "identifier";
  /** The name, with its dots. */
  readonly text: string;
}

/** `[a, b]`. */
export interface ListNode extends Span {
  /** Tells it from the other constant values. */
  readonly kind: "list";
  /** The items, in order. */
  readonly items: readonly ValueNode[];
}

/** `{a: b}`. */
export interface MapNode extends Span {
  /** Tells it from the other constant values. */
  readonly kind: "map";
  /** The entries, in order. */
  readonly entries: readonly { readonly key: ValueNode; readonly value: ValueNode }[];
}
