/**
 * `protoc-gen-updraft` without its input and output: what a plugin of protoc or buf answers to a request.
 *
 * @module
 */
import { create, createFileRegistry, fromBinary, maximumEdition, minimumEdition, toBinary } from "@bufbuild/protobuf";
import {
  CodeGeneratorRequestSchema,
  CodeGeneratorResponse_Feature,
  CodeGeneratorResponse_FileSchema,
  CodeGeneratorResponseSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { emitServices, type ServiceOptions } from "./emit_services.ts";

/**
 * Answers a serialised `CodeGeneratorRequest` with a serialised `CodeGeneratorResponse`. Options that are not known and
 * services that cannot be generated are errors in the answer. Throws if the bytes are no request.
 */
export function answerRequest(bytes: Uint8Array): Uint8Array {
  const request = fromBinary(CodeGeneratorRequestSchema, bytes);
  const response = create(CodeGeneratorResponseSchema, {
    supportedFeatures: BigInt(
      CodeGeneratorResponse_Feature.PROTO3_OPTIONAL | CodeGeneratorResponse_Feature.SUPPORTS_EDITIONS,
    ),
    minimumEdition,
    maximumEdition,
  });
  try {
    const options = parseParameter(request.parameter);
    const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: request.protoFile }));
    for (const name of request.fileToGenerate) {
      const file = registry.getFile(name);
      if (file === undefined) throw new Error(`the request has no descriptor of ${name}`);
      const output = emitServices(file, options);
      if (output === undefined) continue;
      response.file.push(create(CodeGeneratorResponse_FileSchema, { name: output.path, content: output.text }));
    }
  } catch (error) {
    response.file = [];
    response.error = error instanceof Error ? error.message : String(error);
  }
  return toBinary(CodeGeneratorResponseSchema, response);
}

const EXTENSIONS = { none: "", ts: ".ts", js: ".js" } as const;

function parseParameter(parameter: string): ServiceOptions {
  let runtime: string | undefined;
  let importExtension: ServiceOptions["importExtension"];
  for (const option of parameter.split(",").filter((part) => part !== "")) {
    const equals = option.indexOf("=");
    const [key, value] = equals < 0 ? [option, ""] : [option.slice(0, equals), option.slice(equals + 1)];
    if (key === "runtime" && value !== "") runtime = value;
    else if (key === "import_extension" && Object.hasOwn(EXTENSIONS, value)) {
      importExtension = EXTENSIONS[value as keyof typeof EXTENSIONS];
    } else if (key !== "target" || value !== "ts") {
      throw new Error(
        `option ${option} is not known: there are runtime=MODULE, import_extension=none|ts|js, target=ts`,
      );
    }
  }
  return { runtime, importExtension };
}
