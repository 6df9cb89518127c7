/**
 * Rules for values (`vt.*` in an IDL) as a library: reads and checks them, runs them without generated code, and is the plugin
 * that writes them as TypeScript.
 *
 * ```ts
 * import { compile, memoryReader } from "@updraft/rpc/idl";
 * import { readRules, RuleInterpreter } from "@updraft/rpc/validator";
 *
 * const text = 'struct A { 1: i32 b (vt.gt = "0") }';
 * const { value: program } = await compile(["a.thrift"], memoryReader({ "a.thrift": text }));
 * const rules = readRules(program, { error: console.error, warning: console.warn });
 * const a = program.mains[0]?.definitions[0];
 * if (a?.kind === "struct") console.log(new RuleInterpreter(rules).validate(a, { b: 0 }));
 * ```
 *
 * @module
 */
export { VALIDATOR_CODES, type ValidatorCode } from "./codes.ts";
export { type InterpreterOptions, type RuleFunction, RuleInterpreter } from "./interpret.ts";
export { validatorPlugin } from "./plugin.ts";
export { readRules, type RuleReporter } from "./read_rules.ts";
export {
  type Check,
  type ComparingRule,
  type Family,
  type FieldRules,
  type FunctionCall,
  type MethodRules,
  type Operand,
  type RecordRules,
  RuleSet,
  type ValueRules,
} from "./rules.ts";
