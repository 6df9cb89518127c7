/**
 * The services of compiled `.proto` files as plain data, for tools that need no descriptors.
 *
 * @module
 */
import { createFileRegistry, type DescMethod } from "@bufbuild/protobuf";
import { protobufMethodKey } from "../../lib/schema/protobuf_method_key.ts";
import { commentOf } from "./comments.ts";
import type { CompiledProto } from "./compile.ts";
import { servicesPath } from "./emit_services.ts";
import { namesIn } from "./names.ts";

/** A method. */
export interface ProtoMethodInfo {
  /** Name in the file. */
  readonly name: string;
  /** Property name in TypeScript. */
  readonly key: string;
  /** Its comment; empty if there is none. */
  readonly doc: string;
  /** Which sides send more than one message. */
  readonly streaming: "unary" | "client" | "server" | "bidi";
}

/** A service. */
export interface ProtoServiceInfo {
  /** Name without package. */
  readonly name: string;
  /** Name in generated code. */
  readonly schema: string;
  /** Path of the generated file. */
  readonly module: string;
  /** Its comment; empty if there is none. */
  readonly doc: string;
  /** Its methods, in order. */
  readonly methods: readonly ProtoMethodInfo[];
}

/** The services of the files asked for, in order. */
export function servicesOf({ set, mains }: CompiledProto): ProtoServiceInfo[] {
  const registry = createFileRegistry(set);
  const files = mains.map((name) => registry.getFile(name)).filter((file) => file !== undefined);
  return files.flatMap((file) =>
    file.services.map((service) => ({
      name: service.name,
      schema: namesIn(file).descs.get(service) ?? service.name,
      module: servicesPath(file),
      doc: commentOf(service) ?? "",
      methods: service.methods.map((method) => ({
        name: method.name,
        key: protobufMethodKey(method.localName),
        doc: commentOf(method) ?? "",
        streaming: STREAMING[method.methodKind],
      })),
    }))
  );
}

const STREAMING: Readonly<Record<DescMethod["methodKind"], ProtoMethodInfo["streaming"]>> = {
  unary: "unary",
  client_streaming: "client",
  server_streaming: "server",
  bidi_streaming: "bidi",
};
