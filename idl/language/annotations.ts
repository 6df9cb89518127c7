/**
 * Annotations that mean something: to this compiler, to the validator, to HTTP mappings of Hertz and Kitex, to Thriftgo.
 *
 * Only what an editor offers and explains comes from here; what an annotation does is elsewhere.
 *
 * @module
 */
import type { AnnotationPlace } from "../wanted.ts";

/** An annotation. */
export interface KnownAnnotation {
  /** Its key. */
  readonly key: string;
  /** Where it means something. */
  readonly places: readonly AnnotationPlace[];
  /** What it does, one sentence. */
  readonly help: string;
  /** The values it takes, if only some. */
  readonly values?: readonly string[];
}

const RULES: readonly (readonly [name: string, help: string])[] = [
  ["const", "must have this value"],
  ["lt", "must be less than this"],
  ["le", "must be at most this"],
  ["gt", "must be more than this"],
  ["ge", "must be at least this"],
  ["in", "must be one of these; repeat the key"],
  ["not_in", "must be none of these; repeat the key"],
  ["not_nil", "must be there"],
  ["defined_only", "must be a member of its enum"],
  ["min_size", "has at least this many bytes or elements"],
  ["max_size", "has at most this many bytes or elements"],
  ["min_rune_size", "has at least this many characters"],
  ["max_rune_size", "has at most this many characters"],
  ["pattern", "must match this regular expression"],
  ["prefix", "must begin with this"],
  ["suffix", "must end with this"],
  ["contains", "must contain this"],
  ["not_contains", "must not contain this"],
  ["elem", "a rule for each element: vt.elem.RULE"],
  ["key", "a rule for each key: vt.key.RULE"],
  ["value", "a rule for each value: vt.value.RULE"],
  ["no_sparse", "has no value that is missing"],
  ["skip", "is not looked into"],
];

const BINDINGS: readonly (readonly [name: string, help: string])[] = [
  ["query", "is bound to this query parameter"],
  ["path", "is bound to this part of the path"],
  ["header", "is bound to this header"],
  ["cookie", "is bound to this cookie"],
  ["form", "is bound to this form field"],
  ["body", "is bound to this property of the JSON body"],
  ["raw_body", "is bound to the whole body"],
  ["js_conv", "is text in JSON, a number here"],
  ["none", "is not bound"],
  ["vd", "must satisfy this expression"],
  ["file_name", "is bound to this uploaded file"],
];

const VERBS = ["get", "post", "put", "delete", "patch", "options", "head", "any"];

/** All that are known. */
export const KNOWN_ANNOTATIONS: readonly KnownAnnotation[] = [
  {
    key: "js.type",
    places: ["field", "type", "typedef"],
    help: "How TypeScript holds an i64 (bigint, number, string) or a map (Map, object).",
    values: ["bigint", "number", "string", "Map", "object"],
  },
  {
    key: "streaming.mode",
    places: ["function"],
    help: "Which sides stream.",
    values: ["unary", "client", "server", "bidirectional"],
  },
  { key: "allow_alias", places: ["enum"], help: "Lets two members have one number.", values: ["1"] },
  {
    key: "deprecated",
    places: ["field", "function", "service", "struct", "enum", "member", "typedef"],
    help: "Is not to be used any more; the value says what instead.",
  },
  { key: "go.tag", places: ["field"], help: "Tags of the Go field." },
  ...RULES.map(([name, help]) => ({ key: `vt.${name}`, places: ["field"] as const, help: `Validator: ${help}.` })),
  { key: "vt.assert", places: ["struct"], help: "Validator: the struct must satisfy this." },
  ...BINDINGS.map(([name, help]) => ({ key: `api.${name}`, places: ["field"] as const, help: `HTTP: ${help}.` })),
  ...VERBS.map((verb) => ({
    key: `api.${verb}`,
    places: ["function"] as const,
    help: `HTTP: is served for ${verb === "any" ? "every method" : verb.toUpperCase()} at this path.`,
  })),
  { key: "api.base_domain", places: ["service"], help: "HTTP: the host that clients call." },
  { key: "api.service_group", places: ["service"], help: "HTTP: the prefix of all paths of the service." },
  { key: "api.http_code", places: ["member"], help: "HTTP: the status this member stands for." },
];

/** What is known about a key. */
export function knownAnnotation(key: string): KnownAnnotation | undefined {
  const found = KNOWN_ANNOTATIONS.find((each) => each.key === key);
  if (found !== undefined) return found;
  // vt.elem.elem.min_size, vt.key.prefix
  const rule = /^vt\.(?:(?:elem|key|value)\.)+(\w+)$/.exec(key)?.[1];
  return rule === undefined ? undefined : KNOWN_ANNOTATIONS.find((each) => each.key === `vt.${rule}`);
}
