/**
 * gRPC's server reflection: tells tools such as grpcurl what a server serves, so that they need no `.proto` file.
 *
 * Thrift services are listed too; they have no file, so asking for it is answered with NOT_FOUND.
 * Spec: grpc.github.io/grpc/core/md_doc_server-reflection.
 *
 * @module
 */
import type { Server } from "../../lib/rpc/server.ts";
import { type DescFile, fileBytes, FileIndex } from "../protobuf/file_index.ts";
import { asProtobufService, protobufService } from "../protobuf/service.ts";
import {
  ServerReflection as ServerReflectionV1,
  type ServerReflectionRequest as RequestV1,
} from "./gen/grpc/reflection/v1/reflection_pb.ts";
import {
  ServerReflection as ServerReflectionV1Alpha,
  type ServerReflectionRequest as RequestV1Alpha,
} from "./gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { GrpcStatus } from "./status.ts";

/**
 * Adds `grpc.reflection.v1` and `v1alpha` to a server. They tell of all services that it serves, those added later too.
 * Throws an `RpcError` of kind `"invalid"` if they are there already, or no protocol of the server carries Protocol Buffers.
 */
export function addReflection(server: Server): void {
  const reflection = new Reflection(server);
  const named = { named: true };
  server.add(protobufService(ServerReflectionV1), {
    serverReflectionInfo: (requests) => reflection.answers(requests),
  }, named);
  server.add(protobufService(ServerReflectionV1Alpha), {
    serverReflectionInfo: (requests) => reflection.answers(requests),
  }, named);
}

/** What both versions ask; they differ in the names of their messages alone. */
type Question = RequestV1["messageRequest"] | RequestV1Alpha["messageRequest"];

/** What both versions answer. */
type Reply =
  | { case: "fileDescriptorResponse"; value: { fileDescriptorProto: Uint8Array[] } }
  | { case: "allExtensionNumbersResponse"; value: { baseTypeName: string; extensionNumber: number[] } }
  | { case: "listServicesResponse"; value: { service: { name: string }[] } }
  | { case: "errorResponse"; value: { errorCode: number; errorMessage: string } };

class Reflection {
  readonly #server: Server;
  #index = new FileIndex([]);
  #indexed = 0;

  constructor(server: Server) {
    this.#server = server;
  }

  /** An answer a request, in their order. What cannot be answered is an answer too: the stream goes on. */
  async *answers<R extends RequestV1 | RequestV1Alpha>(
    requests: AsyncIterable<R>,
  ): AsyncGenerator<{ validHost: string; originalRequest: R; messageResponse: Reply }> {
    const sent = new Set<DescFile>();
    for await (const request of requests) {
      const messageResponse = this.#answer(request.messageRequest, sent);
      yield { validHost: request.host, originalRequest: request, messageResponse };
    }
  }

  #answer(question: Question, sent: Set<DescFile>): Reply {
    switch (question.case) {
      case "listServices": {
        const names = this.#server.services.map(({ fullName, name }) => fullName ?? name).sort();
        return { case: "listServicesResponse", value: { service: names.map((name) => ({ name })) } };
      }
      case "fileByFilename":
        return fileReply(this.#files().file(question.value), question.value, sent);
      case "fileContainingSymbol":
        return fileReply(this.#files().fileOf(question.value), question.value, sent);
      case "fileContainingExtension": {
        const { containingType, extensionNumber } = question.value;
        const file = this.#files().fileOfExtension(containingType, extensionNumber);
        return fileReply(file, `extension ${extensionNumber} of ${containingType}`, sent);
      }
      case "allExtensionNumbersOfType": {
        const extensionNumber = this.#files().extensionNumbers(question.value);
        if (extensionNumber === undefined) return failure(GrpcStatus.NOT_FOUND, `${question.value} is not known`);
        return { case: "allExtensionNumbersResponse", value: { baseTypeName: question.value, extensionNumber } };
      }
      default:
        return failure(GrpcStatus.INVALID_ARGUMENT, "the request asks for nothing that is known");
    }
  }

  /** The files of the services that there are now. */
  #files(): FileIndex {
    const { services } = this.#server;
    if (services.length !== this.#indexed) {
      const ours = services.filter(({ payload }) => payload === "protobuf");
      this.#index = new FileIndex(ours.map((service) => asProtobufService(service).desc.file));
      this.#indexed = services.length;
    }
    return this.#index;
  }
}

/** A file, and before it what it imports as far as the stream has not told of that before. */
function fileReply(file: DescFile | undefined, asked: string, sent: Set<DescFile>): Reply {
  if (file === undefined) return failure(GrpcStatus.NOT_FOUND, `${asked} is not known`);
  const files: DescFile[] = [];
  const collect = (one: DescFile): void => {
    if (sent.has(one)) return;
    sent.add(one);
    one.dependencies.forEach(collect);
    files.push(one);
  };
  collect(file);
  if (files.length === 0) files.push(file);
  return { case: "fileDescriptorResponse", value: { fileDescriptorProto: files.map(fileBytes) } };
}

function failure(errorCode: number, errorMessage: string): Reply {
  return { case: "errorResponse", value: { errorCode, errorMessage } };
}
