/**
 * Asks a server what it serves, by gRPC's server reflection: `reflect`.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import type { CallOptions } from "../../lib/rpc/call.ts";
import { type ClientOptions, createClient } from "../../lib/rpc/client.ts";
import {
  type Descriptors,
  descriptorsOf,
  type FileDescriptorProto,
  readFileDescriptor,
} from "../protobuf/descriptors.ts";
import { protobufService } from "../protobuf/service.ts";
import {
  ServerReflection as ServerReflectionV1,
  type ServerReflectionRequest as RequestV1,
  type ServerReflectionResponse as ResponseV1,
} from "./gen/grpc/reflection/v1/reflection_pb.ts";
import {
  ServerReflection as ServerReflectionV1Alpha,
  type ServerReflectionResponse as ResponseV1Alpha,
} from "./gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { GrpcStatus } from "./status.ts";

/** More than any server has. */
const MAX_SERVICES = 10_000;
const MAX_FILES = 10_000;
/** Bytes of all files. */
const MAX_BYTES = 64 * 1024 * 1024;

/** What a server tells of itself. */
export interface Reflected extends Descriptors {
  /** Names of services that it serves and cannot describe: those of Thrift, for one. */
  readonly undescribed: readonly string[];
}

/** What can be asked; both versions of the service have the same. */
type Question = RequestV1["messageRequest"];
type Answer = ResponseV1["messageResponse"] | ResponseV1Alpha["messageResponse"];
type Ask = (
  requests: AsyncIterable<{ readonly messageRequest: Question }>,
  options?: CallOptions,
) => AsyncIterable<{ readonly messageResponse: Answer }>;

/**
 * Asks the server at `options.to` for its services and everything they are made of; `options.protocol` is a `grpc()`. Rejects with kind
 * `"unimplemented"` if it has no reflection, `"protocol"` if what it tells makes no sense or is too much, else as calls do.
 */
export async function reflect(options: ClientOptions, call: CallOptions = {}): Promise<Reflected> {
  try {
    return await reflectBy(ServerReflectionV1, options, call);
  } catch (error) {
    if (!(error instanceof RpcError && error.kind === "unimplemented")) throw error;
  }
  return await reflectBy(ServerReflectionV1Alpha, options, call);
}

async function reflectBy(
  service: typeof ServerReflectionV1 | typeof ServerReflectionV1Alpha,
  options: ClientOptions,
  call: CallOptions,
): Promise<Reflected> {
  const client = createClient(protobufService(service as typeof ServerReflectionV1), options);
  const dialogue = new Dialogue(client.serverReflectionInfo as Ask, call);
  try {
    const reflected = await collect(dialogue);
    await dialogue.end();
    return reflected;
  } finally {
    await dialogue.close();
    await client.close();
  }
}

async function collect(dialogue: Dialogue): Promise<Reflected> {
  const answer = await dialogue.ask({ case: "listServices", value: "" });
  if (answer.case !== "listServicesResponse") throw unexpected("services", answer);
  const names = answer.value.service.map(({ name }) => name);
  if (names.length > MAX_SERVICES) {
    throw new RpcError("protocol", `the server lists ${names.length} services, more than ${MAX_SERVICES}`);
  }
  const files = new Files();
  const undescribed: string[] = [];
  for (const name of names) {
    const found = await dialogue.ask({ case: "fileContainingSymbol", value: name });
    if (isNotFound(found)) undescribed.push(name);
    else files.add(found, name);
  }
  for (let name = files.missing(); name !== undefined; name = files.missing()) {
    files.add(await dialogue.ask({ case: "fileByFilename", value: name }), name);
  }
  const served = new Set(names);
  const { services, registry } = descriptorsOf(files.all);
  return { services: services.filter(({ fullName }) => served.has(fullName)), registry, undescribed };
}

/** The files that came, and the names of those that they import. */
class Files {
  readonly #files = new Map<string, FileDescriptorProto>();
  readonly #wanted = new Set<string>();
  #bytes = 0;

  get all(): Iterable<FileDescriptorProto> {
    return this.#files.values();
  }

  add(answer: Answer, asked: string): void {
    if (answer.case !== "fileDescriptorResponse") throw unexpected(asked, answer);
    for (const bytes of answer.value.fileDescriptorProto) {
      this.#bytes += bytes.length;
      const file = readFileDescriptor(bytes);
      if (this.#files.has(file.name)) continue;
      this.#files.set(file.name, file);
      this.#wanted.delete(file.name);
      for (const name of file.dependency) if (!this.#files.has(name)) this.#wanted.add(name);
      if (this.#files.size > MAX_FILES || this.#bytes > MAX_BYTES) {
        throw new RpcError("protocol", `descriptors of more than ${MAX_FILES} files or ${MAX_BYTES} bytes`);
      }
    }
    if (this.#wanted.delete(asked) && !this.#files.has(asked)) {
      throw new RpcError("protocol", `the server was asked for ${asked} and told of other files`);
    }
  }

  /** One that is imported and did not come yet. */
  missing(): string | undefined {
    const [first] = this.#wanted;
    return first;
  }
}

function isNotFound(answer: Answer): boolean {
  return answer.case === "errorResponse" && answer.value.errorCode === GrpcStatus.NOT_FOUND;
}

function unexpected(asked: string, answer: Answer): RpcError {
  const why = answer.case === "errorResponse" ? answer.value.errorMessage : `it answered with ${answer.case}`;
  return new RpcError("protocol", `the server's reflection does not tell of ${asked}: ${why}`);
}

/** Questions and answers in turn, on one stream. */
class Dialogue implements AsyncIterableIterator<{ readonly messageRequest: Question }> {
  readonly #answers: AsyncIterator<{ readonly messageResponse: Answer }>;
  #question: Question | undefined = undefined;
  #wake: (() => void) | undefined = undefined;
  #closed = false;

  constructor(ask: Ask, call: CallOptions) {
    this.#answers = ask(this, call)[Symbol.asyncIterator]();
  }

  async ask(question: Question): Promise<Answer> {
    this.#question = question;
    this.#wake?.();
    const { done, value } = await this.#answers.next();
    if (!done) return value.messageResponse;
    throw new RpcError("protocol", "the server ended its reflection before it had answered");
  }

  async next(): Promise<IteratorResult<{ readonly messageRequest: Question }, undefined>> {
    while (this.#question === undefined && !this.#closed) await new Promise<void>((resolve) => this.#wake = resolve);
    const messageRequest = this.#question;
    this.#question = undefined;
    return messageRequest === undefined ? { done: true, value: undefined } : { done: false, value: { messageRequest } };
  }

  return(): Promise<IteratorResult<{ readonly messageRequest: Question }, undefined>> {
    this.#closed = true;
    this.#wake?.();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Asks nothing more, and lets the server end its side: a stream that is cancelled instead looks to it like a failure. */
  async end(): Promise<void> {
    await this.return();
    try {
      await this.#answers.next();
    } catch {
      // everything was answered, however the server ends
    }
  }

  /** Cancels the stream, unless it has ended. */
  async close(): Promise<void> {
    await this.return();
    await this.#answers.return?.();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
