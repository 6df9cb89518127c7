/**
 * The validator as a plugin of the compiler: `updraft gen --plugin validator`.
 *
 * @module
 */
import { Code, propertyName } from "../emit/code.ts";
import { basesFirst } from "../emit/emit.ts";
import type { Def, ServiceDef, StructDef } from "../model.ts";
import { definePlugin, type EmittedFile, type Output, type Plugin, type PluginContext } from "../plugin/plugin.ts";
import { type MethodShape, ownMethods } from "../shapes.ts";
import { RpcError } from "../../lib/errors.ts";
import { type ValidatorFile, writeRecord, writeValue } from "./emit_validator.ts";
import { readRules } from "./read_rules.ts";
import type { RuleSet } from "./rules.ts";

/**
 * Makes the plugin, for one run. Its option `func=NAME=MODULE#EXPORT` lets rules call `@NAME(...)`: the export of a module,
 * whose path is relative to the output folder if it begins with a dot.
 */
export function validatorPlugin(): Plugin {
  let rules: RuleSet | undefined;
  return definePlugin({
    name: "validator",
    onProgram(program, context) {
      const functions = functionsOf(context);
      rules = readRules(program, context, functions.keys());
    },
    onOutput(output, context) {
      if (rules !== undefined) writeValidators(output, context, rules);
    },
  });
}

interface OwnFunction {
  readonly module: string;
  readonly name: string;
}

function functionsOf({ options }: PluginContext): Map<string, OwnFunction> {
  const unknown = [...options.keys()].find((key) => key !== "func");
  if (unknown !== undefined) {
    throw new RpcError("invalid", `there is no option ${unknown}: the only one is func=NAME=MODULE#EXPORT`);
  }
  return new Map((options.get("func") ?? []).map((text) => {
    const found = /^([A-Za-z_]\w*)=(.+)#([A-Za-z_$][\w$]*)$/.exec(text);
    if (found === null) throw new RpcError("invalid", `func=${text} is not of the form func=NAME=MODULE#EXPORT`);
    const [, name = "", module = "", exported = ""] = found;
    return [name, { module, name: exported }];
  }));
}

function writeValidators(output: Output, context: PluginContext, rules: RuleSet): void {
  const functions = functionsOf(context);
  const names = new Map<Def, string>();
  for (const file of output.files) {
    for (const def of file.definitions) {
      if (isStruct(def)) names.set(def, file.claim(`validate${capitalized(def.name)}`));
      if (def.kind === "service" && context.emitOptions.services !== false) {
        names.set(def, file.claim(`${def.name}Validators`));
      }
    }
  }
  const nameIn = (file: EmittedFile, def: Def): string => {
    const name = names.get(def) ?? def.name;
    const home = output.fileOf(def);
    return home === file ? name : file.import(name, home);
  };
  for (const file of output.files) {
    const constants = new Map<string, string>();
    const tops: string[] = [];
    const target: ValidatorFile = {
      file,
      options: context.emitOptions,
      rules,
      validatorOf: (def) => nameIn(file, def),
      functionOf: (name) => {
        const own = functions.get(name);
        return own === undefined ? name : file.import(own.name, own.module);
      },
      constant: (stem, expression) => {
        let name = constants.get(expression);
        if (name === undefined) {
          constants.set(expression, name = file.claim(`${stem}${constants.size + 1}`));
          tops.push(`const ${name} = /* @__PURE__ */ ${expression};`);
        }
        return name;
      },
    };
    const code = new Code();
    for (const def of file.definitions) {
      if (isStruct(def)) writeStruct(target, code, def, nameIn(file, def));
    }
    for (const def of basesFirst(file.definitions)) {
      if (names.has(def)) writeService(target, code, def, nameIn);
    }
    if (code.text !== "") {
      file.insert("eof", [...tops, ...(tops.length > 0 ? [""] : []), code.text.trimEnd()].join("\n"));
    }
  }
}

function writeStruct(target: ValidatorFile, code: Code, def: StructDef, name: string): void {
  const { file, rules } = target;
  const record = rules.ofStruct(def);
  if (record === undefined) return;
  const violations = `${file.runtime("Violation", true)}[]`;
  const type = file.nameOf(def);
  code.doc(`What \`o\` breaks of the rules that the IDL has for \`${def.name}\`; added to \`v\`, which is given back.`);
  if (!rules.asksOfStruct(def)) {
    code.open(`export function ${name}(_o: ${type}, v: ${violations} = [], _d = 0): ${violations} {`);
  } else {
    code.open(`export function ${name}(o: ${type}, v: ${violations} = [], d = 0): ${violations} {`);
    const [depth, length] = [file.runtime("MAX_VALIDATED_DEPTH"), file.runtime("MAX_VIOLATIONS")];
    code.line(`if (d > ${depth} || v.length >= ${length}) return ${file.runtime("nestedTooDeep")}(v);`);
    writeRecord(target, code, record, "d");
  }
  code.line("return v;");
  code.close();
  code.line();
}

type NameIn = (file: EmittedFile, def: Def) => string;

function writeService(target: ValidatorFile, code: Code, def: ServiceDef, nameIn: NameIn): void {
  const { file } = target;
  const methods = ownMethods(def).map((method) => [method.def.name, writeMethod(target, code, method)] as const)
    .filter(([, parts]) => parts.length > 0);
  code.doc(`The validators of \`${def.name}\`, for the middleware \`validate\`.`);
  code.open(`export const ${nameIn(file, def)}: ${file.runtime("ServiceValidators", true)} = {`);
  code.line(`service: ${file.valueOf(def)},`);
  const inherited = def.base === undefined ? [] : [{ value: `...${nameIn(file, def.base)}.methods` }];
  const own = methods.map(([name, parts]) => ({ name: propertyName(name), value: `{ ${parts.join(", ")} }` }));
  code.literal("methods: ", { open: "{", close: "}", items: [...inherited, ...own] }, ",");
  code.close("};");
  code.line();
}

/** Adds the functions for a method; gives the properties that name them. */
function writeMethod(target: ValidatorFile, code: Code, method: MethodShape): string[] {
  const { file, rules } = target;
  const found = rules.ofMethod(method.def);
  const parts: string[] = [];
  if (found === undefined) return parts;
  // imported where it is needed only
  const violations = (): string => `${file.runtime("Violation", true)}[]`;
  const stem = `${capitalized(method.service.name)}_${method.def.name}`;
  if (rules.asksOf(found.args)) {
    const name = file.claim(`validate${stem}_args`);
    // what calls it may be anything: a missing argument is for the codec to refuse
    const types = method.args.fields.map((field) => `${field.key}: ${file.typeOf(field.type)}`).join("; ");
    code.open(`function ${name}(o: { ${types} }, v: ${violations()} = []): ${violations()} {`);
    writeRecord(target, code, found.args, "0");
    code.line("return v;");
    code.close();
    code.line();
    parts.push(`args: ${name}`);
  }
  if (found.result !== undefined && method.def.returns !== undefined && rules.asks(found.result)) {
    const name = file.claim(`validate${stem}_result`);
    const type = file.typeOf(method.def.returns);
    code.open(`function ${name}(o: ${type}, v: ${violations()} = []): ${violations()} {`);
    writeValue(target, code, found.result);
    code.line("return v;");
    code.close();
    code.line();
    parts.push(`result: ${name}`);
  }
  return parts;
}

function isStruct(def: Def): def is StructDef {
  return def.kind === "struct" || def.kind === "union" || def.kind === "exception";
}

function capitalized(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}
