/**
 * Rules about services and their functions.
 *
 * @module
 */
import { plainType, type Type } from "../model.ts";
import type { LintRule } from "./rule.ts";
import { methodsOf } from "./visit.ts";

/** All of them, by code. */
export const SERVICE_RULES: readonly LintRule[] = [
  {
    code: "UL4001",
    name: "oneway-function",
    summary: "no function is oneway",
    reason: "Nobody learns whether a oneway call arrived, was refused or failed, and it cannot be retried.",
    preset: "all",
    level: "warn",
    bad: "service Log {\n  oneway void write(1: string line)\n}",
    good: "service Log {\n  void write(1: string line)\n}",
    check(context) {
      for (const { node, name } of methodsOf(context.module)) {
        if (node.oneway !== undefined) context.report(node.oneway, `${name} is oneway`);
      }
    },
  },
  {
    code: "UL4002",
    name: "request-response",
    summary: "a function takes one struct and returns a struct or nothing",
    reason: "Structs can grow by optional fields; arguments and results of other types can never carry anything more.",
    preset: "all",
    level: "warn",
    bad: "service Users {\n  void rename(1: i64 id, 2: string name)\n}",
    good:
      "struct RenameRequest {\n  1: i64 id\n  2: string name\n}\n\nservice Users {\n  void rename(1: RenameRequest request)\n}",
    check(context) {
      for (const { node, name, args, returns } of methodsOf(context.module)) {
        const [first, second] = args;
        if (second !== undefined || (first !== undefined && !isStruct(first.type))) {
          context.report(node.name, `${name} takes something else than one struct`);
        }
        if (returns !== undefined && !isStruct(returns)) {
          context.report(node.returns ?? node.name, `${name} returns something else than a struct`);
        }
      }
    },
  },
];

function isStruct(type: Type): boolean {
  return plainType(type).kind === "struct";
}
