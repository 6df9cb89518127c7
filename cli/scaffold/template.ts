/**
 * Text with holes: `{{ name }}` for a value, `{{#name}}...{{/name}}` for each item of a list or once if something is true,
 * `{{^name}}...{{/name}}` if it is empty or false. A name may have dots; `{{.}}` is the item itself. Nothing is escaped.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";

type Part =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "value"; readonly name: string }
  | { readonly kind: "section"; readonly name: string; readonly inverted: boolean; readonly parts: readonly Part[] };

/**
 * Fills the holes of `template` with properties of `data`. Throws an `RpcError` of kind `"invalid"` for a name that is not
 * there, and for sections that do not end. `where` names the template in errors.
 */
export function render(template: string, data: unknown, where: string): string {
  return renderParts(parse(template, where), [data], where);
}

function parse(template: string, where: string): Part[] {
  const root: Part[] = [];
  const open: { readonly name: string; readonly outer: Part[] }[] = [];
  let parts = root;
  let at = 0;
  let isBlank = true; // is there nothing yet on the line?
  for (const match of template.matchAll(/\{\{\s*([#^/]?)\s*([\w.]+)\s*\}\}((?:\r?\n)?)/g)) {
    const [whole, mark = "", name = "", newline = ""] = match;
    const before = template.slice(at, match.index);
    const lineAt = before.lastIndexOf("\n") + 1;
    isBlank = (isBlank || lineAt > 0) && before.slice(lineAt).trim() === "";
    // a section's mark alone on its line takes the line with it
    const alone: boolean = isBlank && mark !== "" && newline !== "";
    isBlank = alone;
    parts.push({ kind: "text", text: alone ? before.replace(/[ \t]+$/, "") : before });
    at = match.index + whole.length - (alone ? 0 : newline.length);
    if (mark === "") parts.push({ kind: "value", name });
    else if (mark === "/") {
      const section = open.pop();
      if (section?.name !== name) throw new RpcError("invalid", `${where}: {{/${name}}} ends what did not begin`);
      parts = section.outer;
    } else {
      const inner: Part[] = [];
      parts.push({ kind: "section", name, inverted: mark === "^", parts: inner });
      open.push({ name, outer: parts });
      parts = inner;
    }
  }
  const unclosed = open.at(-1);
  if (unclosed !== undefined) throw new RpcError("invalid", `${where}: {{#${unclosed.name}}} does not end`);
  parts.push({ kind: "text", text: template.slice(at) });
  return root;
}

function renderParts(parts: readonly Part[], scopes: readonly unknown[], where: string): string {
  return parts.map((part) => {
    if (part.kind === "text") return part.text;
    const value = lookUp(part.name, scopes, where);
    if (part.kind === "value") return value === null ? "" : String(value);
    const isEmpty = value === null || value === false || value === "" || Array.isArray(value) && value.length === 0;
    if (part.inverted) return isEmpty ? renderParts(part.parts, scopes, where) : "";
    if (isEmpty) return "";
    if (!Array.isArray(value)) return renderParts(part.parts, [...scopes, value], where);
    return value.map((item) => renderParts(part.parts, [...scopes, item], where)).join("");
  }).join("");
}

/** The first part of a name is looked for from the innermost scope outwards. */
function lookUp(name: string, scopes: readonly unknown[], where: string): unknown {
  if (name === ".") return scopes.at(-1);
  const [first = "", ...rest] = name.split(".");
  let value: unknown = scopes.findLast((scope) => has(scope, first));
  for (const key of [first, ...rest]) {
    if (!has(value, key)) throw new RpcError("invalid", `${where}: there is no ${name} to fill in`);
    value = value[key];
  }
  return value;
}

function has(value: unknown, key: string): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key);
}
