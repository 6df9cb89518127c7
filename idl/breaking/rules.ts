/**
 * The changes of an IDL that break something, by code, and whom each of them breaks.
 *
 * @module
 */

/**
 * Whom a change breaks. `WIRE`: peers with the old IDL that speak a binary protocol. `WIRE_JSON`: those that speak JSON by
 * the names of fields, or HTTP. `SOURCE`: programs written against generated code.
 */
export type BreakingCategory = "WIRE" | "WIRE_JSON" | "SOURCE";

/** All of them. */
export const BREAKING_CATEGORIES: readonly BreakingCategory[] = ["WIRE", "WIRE_JSON", "SOURCE"];

/** A kind of change. */
export interface BreakingRule {
  /** Stable code, such as `UB1001`. */
  readonly code: string;
  /** Stable name. */
  readonly name: BreakingRuleName;
  /** Whom it breaks. */
  readonly categories: readonly BreakingCategory[];
  /** `warn` for what is only worth knowing. */
  readonly level: "error" | "warn";
  /** What the change is, without full stop. */
  readonly summary: string;
  /** What happens then, one or two sentences. */
  readonly reason: string;
}

/** The name of a rule. */
export type BreakingRuleName =
  | "required-field-removed"
  | "required-field-added"
  | "field-required-changed"
  | "field-renumbered"
  | "field-type-wire"
  | "field-id-reused"
  | "reserved-used"
  | "union-member-removed"
  | "union-kind-changed"
  | "enum-member-removed"
  | "enum-number-changed"
  | "service-removed"
  | "method-removed"
  | "oneway-changed"
  | "streaming-changed"
  | "result-void-changed"
  | "exception-added"
  | "default-changed"
  | "reserved-removed"
  | "field-renamed"
  | "field-type-json"
  | "http-binding-changed"
  | "field-removed"
  | "field-type-source"
  | "field-optional-changed"
  | "argument-added"
  | "enum-member-renamed"
  | "service-base-changed"
  | "definition-removed"
  | "definition-moved"
  | "definition-kind-changed"
  | "typedef-changed"
  | "const-changed"
  | "namespace-changed";

type Row = readonly [
  code: string,
  name: BreakingRuleName,
  categories: readonly BreakingCategory[],
  summary: string,
  reason: string,
  level?: "warn",
];

const ALL = BREAKING_CATEGORIES;
const TABLE: readonly Row[] = [
  [
    "UB1001",
    "required-field-removed",
    ALL,
    "a required field is gone",
    "Peers with the old IDL refuse messages without it.",
  ],
  [
    "UB1002",
    "required-field-added",
    ALL,
    "a required field is new",
    "Messages of peers with the old IDL are refused, for they do not have it.",
  ],
  [
    "UB1003",
    "field-required-changed",
    ALL,
    "a field became required, or is so no longer",
    "One side may leave out what the other refuses to miss.",
  ],
  [
    "UB1004",
    "field-renumbered",
    ["WIRE"],
    "a field has another id",
    "Readers skip the id they do not know and miss the field.",
  ],
  [
    "UB1005",
    "field-type-wire",
    ALL,
    "a field, argument or result has a type of another encoding",
    "Readers skip what is not of the type they expect, or refuse the message.",
  ],
  [
    "UB1006",
    "field-id-reused",
    ALL,
    "an id belongs to another field now",
    "Readers with the old IDL take one for the other.",
  ],
  [
    "UB1007",
    "reserved-used",
    ALL,
    "something uses an id, number or name that was reserved",
    "Messages or programs with its old meaning are still around.",
  ],
  [
    "UB1008",
    "union-member-removed",
    ALL,
    "a member of a union is gone",
    "Values that peers with the old IDL send are empty.",
  ],
  [
    "UB1009",
    "union-kind-changed",
    ALL,
    "a union became a struct, or a struct a union",
    "A union holds one member; readers refuse, or lose, the others.",
  ],
  [
    "UB1010",
    "enum-member-removed",
    ALL,
    "a number of an enum is gone",
    "Readers do not know the number that peers with the old IDL send.",
  ],
  [
    "UB1011",
    "enum-number-changed",
    ALL,
    "a member of an enum has another number",
    "Readers take one member for another.",
  ],
  ["UB1012", "service-removed", ALL, "a service is gone", "Calls of its methods are refused."],
  [
    "UB1013",
    "method-removed",
    ALL,
    "a method is gone or has another name",
    "Calls of it are refused: methods are called by name.",
  ],
  [
    "UB1014",
    "oneway-changed",
    ALL,
    "a method became oneway, or is so no longer",
    "One side waits for an answer, or gets one, that the other does not know of.",
  ],
  [
    "UB1015",
    "streaming-changed",
    ALL,
    "other sides of a method stream",
    "The two sides wait for each other, or refuse the call.",
  ],
  [
    "UB1016",
    "result-void-changed",
    ALL,
    "a method returns a value that returned none, or none where it did",
    "Callers miss the result, or get one they do not know.",
  ],
  [
    "UB1017",
    "exception-added",
    ALL,
    "a method throws a new exception",
    "To callers with the old IDL the answer has neither a result nor an exception.",
  ],
  [
    "UB1018",
    "default-changed",
    ["WIRE"],
    "a default value is another",
    "Old and new readers see different values where nothing was sent.",
    "warn",
  ],
  [
    "UB1019",
    "reserved-removed",
    ALL,
    "ids, numbers or names are no longer reserved",
    "The next change may use them again, while messages or programs with their old meaning are still around.",
  ],
  [
    "UB2001",
    "field-renamed",
    ["WIRE_JSON", "SOURCE"],
    "a field has another name",
    "JSON goes by names, and so do programs. Binary protocols do not.",
  ],
  [
    "UB2002",
    "field-type-json",
    ["WIRE_JSON", "SOURCE"],
    "a field, argument or result has a type of another form in JSON",
    "`string` and `binary` are the same on the wire; in JSON, binary is Base64.",
  ],
  [
    "UB2003",
    "http-binding-changed",
    ["WIRE_JSON"],
    "an `api.*` annotation, or the JSON name in `go.tag`, is gone or another",
    "HTTP clients send to another path, or look for the value elsewhere.",
  ],
  [
    "UB3001",
    "field-removed",
    ["SOURCE"],
    "a field, argument or declared exception is gone",
    "Programs that use it no longer compile. On the wire it is skipped; its id must not be used again.",
  ],
  [
    "UB3002",
    "field-type-source",
    ["SOURCE"],
    "a field, argument or result has another type of the same encoding",
    "Programs that hold the old type no longer compile.",
  ],
  [
    "UB3003",
    "field-optional-changed",
    ["SOURCE"],
    "a field became optional, or is so no longer",
    "Its type changes in generated code: whether it can be absent.",
  ],
  [
    "UB3004",
    "argument-added",
    ["SOURCE"],
    "a method takes a new argument",
    "Calls and implementations of it no longer compile.",
  ],
  [
    "UB3005",
    "enum-member-renamed",
    ["SOURCE"],
    "a number of an enum has another name",
    "Programs that use the old name no longer compile.",
  ],
  [
    "UB3006",
    "service-base-changed",
    ["SOURCE"],
    "a service extends another one, or none",
    "Programs that take it for its old base no longer compile.",
  ],
  [
    "UB3007",
    "definition-removed",
    ["SOURCE"],
    "a definition is gone or has another name",
    "Programs that use it no longer compile.",
  ],
  [
    "UB3008",
    "definition-moved",
    ["SOURCE"],
    "a definition is in another file",
    "It is generated elsewhere, so imports of it fail.",
  ],
  [
    "UB3009",
    "definition-kind-changed",
    ["SOURCE"],
    "a name stands for a definition of another kind",
    "Programs that use it no longer compile.",
  ],
  [
    "UB3010",
    "typedef-changed",
    ["SOURCE"],
    "a typedef stands for another type",
    "Programs that use it no longer compile.",
  ],
  [
    "UB3011",
    "const-changed",
    ["SOURCE"],
    "a constant has another value or type",
    "Programs built with the old value disagree with new ones.",
  ],
  [
    "UB3012",
    "namespace-changed",
    ["SOURCE"],
    "a namespace is gone or another",
    "Code is generated elsewhere, so imports of it fail.",
  ],
];

/** All rules, by code. */
export const BREAKING_RULES: readonly BreakingRule[] = TABLE.map((row) => {
  const [code, name, categories, summary, reason, level = "error"] = row;
  return { code, name, categories, summary, reason, level };
});

/** The rule of a name or code, or `undefined`. */
export function findBreakingRule(name: string): BreakingRule | undefined {
  return BREAKING_RULES.find((rule) => rule.name === name || rule.code === name);
}
