/**
 * Services that are known by descriptors alone: of a descriptor set, or of a server that tells of itself.
 *
 * @module
 */
import { create, createFileRegistry, type FileRegistry, fromBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { RpcError } from "../../lib/errors.ts";
import { type ProtobufService, protobufService } from "./service.ts";

export type { FileDescriptorProto };

/** Files of Protocol Buffers, and what they define. */
export interface Descriptors {
  /** The services, in the order of their files. */
  readonly services: readonly ProtobufService[];
  /** All types by name: what the JSON form of a `google.protobuf.Any` needs. */
  readonly registry: FileRegistry;
}

/** Reads files, in any order; of two with the same name the first counts. Throws an `RpcError` of kind `"protocol"` if they do not fit together. */
export function descriptorsOf(files: Iterable<FileDescriptorProto>): Descriptors {
  const file = importedFirst(files);
  try {
    const registry = createFileRegistry(create(FileDescriptorSetSchema, { file }));
    const services = file.flatMap(({ name }) => registry.getFile(name)?.services ?? []);
    return { services: services.map((service) => protobufService(service)), registry };
  } catch (cause) {
    throw new RpcError("protocol", `descriptors do not fit together: ${RpcError.from(cause).message}`, { cause });
  }
}

/** Reads a serialized `google.protobuf.FileDescriptorSet`. Throws as `descriptorsOf` does. */
export function readDescriptorSet(bytes: Uint8Array): Descriptors {
  let file: FileDescriptorProto[];
  try {
    file = fromBinary(FileDescriptorSetSchema, bytes).file;
  } catch (cause) {
    throw new RpcError("protocol", `not a descriptor set: ${RpcError.from(cause).message}`, { cause });
  }
  return descriptorsOf(file);
}

/** All types of several. */
export function mergeRegistries(registries: readonly FileRegistry[]): FileRegistry {
  return createFileRegistry(...registries);
}

/** A serialized `google.protobuf.FileDescriptorProto`. Throws an `RpcError` of kind `"protocol"` if it is none. */
export function readFileDescriptor(bytes: Uint8Array): FileDescriptorProto {
  try {
    return fromBinary(FileDescriptorProtoSchema, bytes);
  } catch (cause) {
    throw new RpcError("protocol", `not a file descriptor: ${RpcError.from(cause).message}`, { cause });
  }
}

/** The files, each after those it imports. Walked by hand: how deep they go is for whoever made them to say. */
function importedFirst(files: Iterable<FileDescriptorProto>): FileDescriptorProto[] {
  const byName = new Map<string, FileDescriptorProto>();
  for (const file of files) if (!byName.has(file.name)) byName.set(file.name, file);
  const sorted: FileDescriptorProto[] = [];
  const begun = new Set<FileDescriptorProto>();
  const open: { readonly file: FileDescriptorProto; next: number }[] = [];
  const enter = (file: FileDescriptorProto | undefined): void => {
    if (file === undefined || begun.has(file)) return;
    begun.add(file);
    open.push({ file, next: 0 });
  };
  for (const file of byName.values()) {
    enter(file);
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const imported = top.file.dependency[top.next++];
      if (imported !== undefined) enter(byName.get(imported));
      else sorted.push(open.pop()!.file);
    }
  }
  return sorted;
}
