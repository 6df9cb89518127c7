/**
 * From `.proto` files to TypeScript: messages by protoc-gen-es, services by us.
 *
 * @module
 */
import { create, createFileRegistry, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  CodeGeneratorRequestSchema,
  type CodeGeneratorResponse,
  CodeGeneratorResponseSchema,
  type FileDescriptorSet,
} from "@bufbuild/protobuf/wkt";
import { RpcError } from "../../lib/errors.ts";
import type { Platform } from "../../lib/platform.ts";
import type { Outcome } from "../diagnostics.ts";
import type { OutputFile } from "../emit/options.ts";
import type { SourceReader } from "../load.ts";
import { type CompiledProto, compileProto, type ProtoOptions } from "./compile.ts";
import { emitServices, isBuiltIn, type ServiceOptions } from "./emit_services.ts";
import { findProgram, runProto } from "./programs.ts";

/** Options of `generateProto`. */
export interface ProtoGenerateOptions extends ProtoOptions, Pick<ServiceOptions, "runtime"> {
  /** Generates services, beside messages. Default `true`. */
  readonly services?: boolean;
}

/** What protoc-gen-es is told: files that every runtime runs unbuilt. */
const PARAMETER = "target=ts,import_extension=ts,erasable_syntax=true";

/**
 * Generates TypeScript of files and of what they import, except for what protobuf-es has. Empty if there are errors.
 * Rejects with an `RpcError` of kind `"invalid"` if a program that is needed is not installed or cannot work.
 */
export async function generateProto(
  platform: Platform,
  paths: readonly string[],
  reader: SourceReader,
  options: ProtoGenerateOptions = {},
): Promise<Outcome<readonly OutputFile[]>> {
  const { value: compiled, diagnostics } = await compileProto(platform, paths, reader, options);
  return { value: compiled === undefined ? [] : await generateCompiled(platform, compiled, options), diagnostics };
}

/** The same of files that were compiled before. */
export async function generateCompiled(
  platform: Platform,
  { set }: CompiledProto,
  options: Pick<ProtoGenerateOptions, "services" | "runtime"> = {},
): Promise<readonly OutputFile[]> {
  const names = set.file.map(({ name }) => name).filter((name) => !isBuiltIn(name));
  const outputs = await generateMessages(platform, set, names);
  if (options.services === false) return outputs;
  const registry = createFileRegistry(set);
  const services = names.map((name) => registry.getFile(name)).map((file) => file && emitServices(file, options));
  return [...outputs, ...services.filter((output) => output !== undefined)];
}

async function generateMessages(
  platform: Platform,
  set: FileDescriptorSet,
  fileToGenerate: string[],
): Promise<OutputFile[]> {
  const program = await findProgram(platform, "@bufbuild/protoc-gen-es");
  const request = create(CodeGeneratorRequestSchema, { fileToGenerate, parameter: PARAMETER, protoFile: set.file });
  const { code, stdout, stderr } = await runProto(
    platform,
    program,
    [],
    toBinary(CodeGeneratorRequestSchema, request),
  );
  if (code !== 0) throw new RpcError("invalid", `${program.name} ended with ${code}: ${stderr.trim()}`);
  const { error, file } = responseOf(program.name, stdout);
  if (error !== "") throw new RpcError("invalid", `${program.name}: ${error}`);
  return file.map(({ name, content }) => ({ path: name, text: content }));
}

function responseOf(program: string, bytes: Uint8Array): CodeGeneratorResponse {
  try {
    return fromBinary(CodeGeneratorResponseSchema, bytes);
  } catch (cause) {
    throw new RpcError("invalid", `${program} answered with something that is no response`, { cause });
  }
}
