/**
 * What protoc-gen-es calls the types of a file: nested ones are joined with `_`, reserved and taken names get a `$`.
 *
 * @module
 */
import type { DescEnum, DescExtension, DescFile, DescMessage, DescService } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";

/** Names of the exports of one generated file of messages. */
export interface ProtoNames {
  /** Names of the types of messages. */
  readonly shapes: ReadonlyMap<DescMessage | DescEnum, string>;
  /** Names of the descriptors of messages and services. */
  readonly descs: ReadonlyMap<Named, string>;
}

type Named = DescMessage | DescEnum | DescExtension | DescService;

/** The names in a file. */
export function namesIn(file: DescFile): ProtoNames {
  const taken = new Set<string>();
  const take = (ideal: string): string => {
    let name = safeIdentifier(ideal);
    for (let i = 1; taken.has(name); i++) name = safeIdentifier(`${ideal}$${i === 1 ? "" : i - 1}`);
    taken.add(name);
    return name;
  };
  const types = [...nestedTypes(file)];
  const shapes = new Map<DescMessage | DescEnum, string>();
  for (const desc of types) {
    if (desc.kind === "message" || desc.kind === "enum") shapes.set(desc, take(identifier(desc)));
  }
  take(`file_${file.name.replace(/[^a-zA-Z0-9_]+/g, "_")}`);
  const descs = new Map<Named, string>();
  for (const desc of types) {
    const suffix = desc.kind === "message" || desc.kind === "enum" ? "Schema" : "";
    descs.set(desc, take(identifier(desc) + suffix));
  }
  return { shapes, descs };
}

/** The name of a type without its package. */
function identifier(desc: Named): string {
  const { package: pkg } = desc.file.proto;
  return desc.typeName.slice(pkg === "" ? 0 : pkg.length + 1).replaceAll(".", "_");
}

/** Names that are no identifiers in generated TypeScript get a `$`. */
function safeIdentifier(name: string): string {
  return RESERVED.has(name) ? `${name}$` : name;
}

/** The words that protoc-gen-es keeps clear of. */
const RESERVED: ReadonlySet<string> = new Set(
  ("break case catch class const continue debugger default delete do else export extends false finally for function if " +
    "import in instanceof new null return super switch this throw true try typeof var void while with yield enum " +
    "implements interface let package private protected public static Object bigint number boolean string object " +
    "globalThis Uint8Array Partial").split(" "),
);
