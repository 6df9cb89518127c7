/**
 * Where the services of a command line are described: Thrift IDL, `.proto` files, descriptor sets, or the server itself.
 *
 * @module
 */
import {
  type Descriptors,
  descriptorsOf,
  mergeRegistries,
  readDescriptorSet,
} from "../../codecs/protobuf/descriptors.ts";
import type { ProtobufService } from "../../codecs/protobuf/service.ts";
import { SchemaSet } from "../../idl/schema.ts";
import type { Platform } from "../../lib/platform.ts";
import type { ServiceSchema } from "../../lib/schema/service.ts";
import { compileInput, hasErrors, isProto, recordedReader, report } from "../idl_input.ts";
import type { ParsedOptions } from "../options.ts";

/** What is known of services. */
export interface Described {
  /** The services, in the order of the files. */
  readonly services: readonly ServiceSchema[];
  /** The types of Protocol Buffers among them. */
  readonly registry?: Descriptors["registry"] | undefined;
}

/** Endings of serialized descriptor sets. */
const SET_ENDINGS: readonly string[] = [".binpb", ".pb", ".desc", ".protoset"];

/**
 * Reads the services of the files that `--idl` names; `undefined` if they have errors, which are printed then.
 * Rejects with an `RpcError` if one cannot be read, or buf, which `.proto` files need, is not installed.
 */
export async function describedByFiles(platform: Platform, options: ParsedOptions): Promise<Described | undefined> {
  const paths = options.values("idl");
  const sets = paths.filter((path) => SET_ENDINGS.some((ending) => path.endsWith(ending)));
  const protos = paths.filter(isProto);
  const thrifts = paths.filter((path) => !sets.includes(path) && !isProto(path));
  const found: Described[] = [];
  for (
    const part of [
      thrifts.length === 0 ? undefined : await describedByThrift(platform, options, thrifts),
      protos.length === 0 ? undefined : await describedByProto(platform, options, protos),
    ]
  ) {
    if (part === null) return undefined;
    if (part !== undefined) found.push(part);
  }
  for (const path of sets) found.push(readDescriptorSet(await platform.files.read(path)));
  const registries = found.map(({ registry }) => registry).filter((registry) => registry !== undefined);
  const services = found.flatMap((part) => part.services);
  return { services, registry: registries.length < 2 ? registries[0] : mergeRegistries(registries) };
}

async function describedByThrift(
  platform: Platform,
  options: ParsedOptions,
  paths: readonly string[],
): Promise<Described | null> {
  const input = await compileInput(platform, options, undefined, paths);
  if (!hasErrors(input.diagnostics)) return { services: new SchemaSet(input.program).services };
  await report(platform, input, input.diagnostics.filter(({ severity }) => severity === "error"));
  return null;
}

async function describedByProto(
  platform: Platform,
  options: ParsedOptions,
  paths: readonly string[],
): Promise<Described | null> {
  const { compileProto } = await import("../../idl/proto/compile.ts");
  const reader = recordedReader(platform);
  const { value, diagnostics } = await compileProto(platform, paths, reader, {
    includeDirs: options.values("include"),
  });
  await report(platform, reader, diagnostics);
  if (value === undefined) return null;
  const { services, registry } = descriptorsOf(value.set.file);
  const mains = new Set(value.mains);
  const isMain = ({ desc }: ProtobufService): boolean => mains.has(desc.file.proto.name);
  return { services: services.filter(isMain), registry };
}
