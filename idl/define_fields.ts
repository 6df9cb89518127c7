/**
 * Lists of fields: of structs, unions and exceptions, of arguments, and of declared exceptions.
 *
 * @module
 */
import type { FieldNode } from "./ast.ts";
import { type Diagnostics, place } from "./diagnostics.ts";
import { annotationsOf, type FieldDef, type Module, plainType } from "./model.ts";
import { applyJsType, resolveType } from "./resolve_types.ts";

/** What a list of fields belongs to. */
export interface FieldOwner {
  /** What kind of list it is. */
  readonly kind: "struct" | "union" | "exception" | "args" | "throws";
  /** What to call it in messages. */
  readonly name: string;
}

const MIN_ID = -32768;
const MAX_ID = 32767;

/** Makes the fields of a list; ids and names that cannot be, or are used twice, are reported and left out. */
export function defineFields(
  module: Module,
  nodes: readonly FieldNode[],
  owner: FieldOwner,
  diagnostics: Diagnostics,
): FieldDef[] {
  const { source } = module.document;
  const fields: FieldDef[] = [];
  const byId = new Map<number, FieldNode>();
  const byName = new Map<string, FieldNode>();
  let next = 1;
  for (const node of nodes) {
    const id = fieldId(node) ?? next;
    const fits = checkId(module, node, id, owner, diagnostics);
    // one that does not fit is no id to count on from, nor one to use twice
    if (fits) next = id + 1;
    const sameId = fits ? byId.get(id) : undefined;
    const sameName = byName.get(node.name.text);
    if (sameId !== undefined) {
      diagnostics.error("UT3020", source, node.id ?? node.name, `id ${id} is used twice in ${owner.name}`, {
        related: [place(source, sameId, `${sameId.name.text} has it`)],
      });
    }
    if (sameName !== undefined) {
      diagnostics.error("UT3021", source, node.name, `${node.name.text} is there twice in ${owner.name}`, {
        related: [place(source, sameName.name, "first defined here")],
      });
    }
    const resolved = resolveType(module, node.type, diagnostics);
    const type = applyJsType(module, resolved, annotationsOf(node.annotations), node, diagnostics);
    if (owner.kind === "throws") checkThrown(module, node, type, diagnostics);
    const requiredness = requirednessOf(module, node, owner, diagnostics);
    if (sameId !== undefined || sameName !== undefined) continue;
    byId.set(id, node);
    byName.set(node.name.text, node);
    fields.push({ node, id, name: node.name.text, type, requiredness, default: undefined });
  }
  return fields;
}

/** The id as written, `undefined` if none is; the parser reports one that is not decimal. */
function fieldId(node: FieldNode): number | undefined {
  if (node.id === undefined) return undefined;
  const [, sign, digits] = /^([+-]?)(.*)$/.exec(node.id.text) ?? [];
  return sign === "-" ? -Number(digits) : Number(digits);
}

/** Reports what is wrong with an id, and gives whether it is one. */
function checkId(module: Module, node: FieldNode, id: number, owner: FieldOwner, diagnostics: Diagnostics): boolean {
  const { source } = module.document;
  if (node.id === undefined) {
    diagnostics.warning(
      "UT3024",
      source,
      node.name,
      `${node.name.text} has no id: Thriftgo counts on to ${id}, Apache Thrift counts down from -1`,
      {
        suggestion: `write ${id}: before it`,
      },
    );
  }
  const at = node.id ?? node.name;
  if (id < MIN_ID || id > MAX_ID) {
    const written = node.id?.text ?? id;
    diagnostics.error("UT3022", source, at, `id ${written} does not fit the wire: ids are ${MIN_ID} to ${MAX_ID}`);
    return false;
  }
  if (id === 0 && owner.kind === "throws") {
    diagnostics.error("UT5009", source, at, "id 0 is the result; an exception needs another");
  } else if (id <= 0) {
    diagnostics.warning("UT3023", source, at, `id ${id} of ${node.name.text} in ${owner.name} is not positive`);
  }
  return true;
}

function checkThrown(module: Module, node: FieldNode, type: FieldDef["type"], diagnostics: Diagnostics): void {
  const plain = plainType(type);
  if (plain.kind === "unknown" || (plain.kind === "struct" && plain.def.kind === "exception")) return;
  diagnostics.error("UT5006", module.document.source, node.type, `${node.type.name.text} is not an exception`, {
    ...(plain.kind === "struct"
      ? {
        suggestion: `define it as an exception`,
        related: [place(plain.def.module.document.source, plain.def.node.name, `it is a ${plain.def.kind}`)],
      }
      : {}),
  });
}

function requirednessOf(
  module: Module,
  node: FieldNode,
  owner: FieldOwner,
  diagnostics: Diagnostics,
): FieldDef["requiredness"] {
  const { source } = module.document;
  const word = node.requiredness;
  const written = word?.text === "required" ? "required" : word?.text === "optional" ? "optional" : "default";
  switch (owner.kind) {
    case "union":
      if (word !== undefined && written === "required") {
        diagnostics.warning("UT3025", source, word, `members of a union are optional, ${node.name.text} too`);
      }
      return "optional";
    case "throws":
      return "optional";
    case "args":
      if (word === undefined || written !== "optional") return written;
      diagnostics.warning("UT5007", source, word, "optional means nothing for an argument");
      return "default";
    default:
      return written;
  }
}
