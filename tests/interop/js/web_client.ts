/**
 * The interop contract on our own client for browsers, `createWebClient`.
 *
 * @module
 */
import { fromBinary } from "@bufbuild/protobuf";
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { type ConnectClientOptions, createWebClient } from "../../../codecs/connect/web_client.ts";
import { decodeBinary, encodeBinary } from "../../../codecs/grpc/metadata.ts";
import { GrpcError, statusOf } from "../../../codecs/grpc/status.ts";
import { protobufService } from "../../../codecs/protobuf/service.ts";
import { readStatusDetails } from "../../../codecs/protobuf/rpc_status.ts";
import { RpcError } from "../../../lib/errors.ts";
import type { CallOptions } from "../../../lib/rpc/call.ts";
import { Metadata } from "../../../lib/rpc/metadata.ts";
import { TestService as TestServiceDesc } from "../gen/grpc_testing_pb.ts";
import type { ServiceOf } from "../proto_handlers.ts";
import { GIVEN_UP, LARGE, OUTPUT, REFUSED, UNARY } from "./cases.ts";
import type { CaseAnswer, CaseClient, CaseError, CaseOptions, Seen } from "./client.ts";
import type { CaseSet } from "./run_cases.ts";

const TestService: ServiceOf<typeof TestServiceDesc> = protobufService(TestServiceDesc);

/** Our clients of the server at `to`. */
export function webClientSets(to: string): CaseSet[] {
  const ways = [["connect", "proto"], ["connect", "json"], ["grpc-web", "proto"]] as const;
  return ways.map(([protocol, codec]) => ({
    name: `our client by ${protocol} ${codec}`,
    client: () => webClient({ to, protocol, codec }),
    cases: codec === "proto" ? [UNARY, LARGE, OUTPUT, GIVEN_UP, REFUSED] : [UNARY, OUTPUT, GIVEN_UP, REFUSED],
  }));
}

function webClient(options: ConnectClientOptions): CaseClient {
  const client = createWebClient(TestService, options);
  return {
    empty: (options) => single((how) => client.emptyCall({}, how), options),
    unary: (request, options) => single((how) => client.unaryCall(request, how), options),
    cacheable: (request, options) => single((how) => client.cacheableUnaryCall(request, how), options),
    unimplemented: (options) => single((how) => client.unimplementedCall({}, how), options),
    input: (requests, options) => single((how) => client.streamingInputCall(requests, how), options),
    output: (request, options, report) => read((how) => client.streamingOutputCall(request, how), options, report),
    duplex: (requests, options, report) => read((how) => client.fullDuplexCall(requests, how), options, report),
    close: () => client.close(),
  };
}

async function single<T>(begin: (how: CallOptions) => Promise<T>, options: CaseOptions = {}): Promise<CaseAnswer<T>> {
  const meta = metadataOf(options);
  try {
    return Object.assign(seenIn(meta), { value: await begin({ ...options, meta }) });
  } catch (reason) {
    throw errorOf(reason);
  }
}

async function* read<T>(
  begin: (how: CallOptions) => AsyncIterable<T>,
  options: CaseOptions = {},
  report?: (seen: Seen) => void,
): AsyncGenerator<T> {
  const meta = metadataOf(options);
  try {
    yield* begin({ ...options, meta });
  } catch (reason) {
    throw errorOf(reason);
  }
  report?.(seenIn(meta));
}

function metadataOf({ headers = {} }: CaseOptions): Metadata {
  const pairs = Object.entries(headers).map(([name, value]) => [
    name,
    typeof value === "string" ? value : encodeBinary(value),
  ]);
  return new Metadata({ headers: Object.fromEntries(pairs) });
}

function seenIn(meta: Metadata): Seen {
  const value = (pairs: ReadonlyMap<string, string>, name: string): string | Uint8Array | undefined => {
    const text = pairs.get(name);
    return text === undefined || !name.endsWith("-bin") ? text : decodeBinary(text);
  };
  return {
    headers: (name) => value(meta.backward, name),
    trailers: (name) => value(meta.trailers, name),
  };
}

function errorOf(reason: unknown): CaseError {
  const error = RpcError.from(reason);
  const details = error instanceof GrpcError && error.details !== undefined ? readStatusDetails(error.details) : [];
  const text = details.find(({ type }) => type === StringValueSchema.typeName);
  return {
    code: statusOf(error),
    message: error.message,
    details: text && fromBinary(StringValueSchema, text.value).value,
  };
}
