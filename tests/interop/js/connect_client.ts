/**
 * A client of the interop contract on `@connectrpc/connect`, whatever transport it has.
 *
 * @module
 */
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { type CallOptions, Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { TestService } from "../gen/grpc_testing_pb.ts";
import type { CaseAnswer, CaseClient, CaseError, CaseOptions, Fields, Seen } from "./client.ts";

/** Calls by `transport`; `more` is what else is known of it. */
export function connectClient(transport: Transport, more: Partial<CaseClient> = {}): CaseClient {
  const client = createClient(TestService, transport);
  return {
    empty: (options) => single((how) => client.emptyCall({}, how), options),
    unary: (request, options) => single((how) => client.unaryCall(request, how), options),
    cacheable: (request, options) => single((how) => client.cacheableUnaryCall(request, how), options),
    unimplemented: (options) => single((how) => client.unimplementedCall({}, how), options),
    input: (requests, options) => single((how) => client.streamingInputCall(requests, how), options),
    output: (request, options, report) => read((how) => client.streamingOutputCall(request, how), options, report),
    duplex: (requests, options, report) => read((how) => client.fullDuplexCall(requests, how), options, report),
    close() {},
    ...more,
  };
}

async function single<T>(
  begin: (options: CallOptions) => Promise<T>,
  options: CaseOptions = {},
): Promise<CaseAnswer<T>> {
  const seen = new HeadersSeen();
  try {
    return Object.assign(seen, { value: await begin(callOptions(options, seen)) });
  } catch (reason) {
    throw errorOf(reason);
  }
}

async function* read<T>(
  begin: (options: CallOptions) => AsyncIterable<T>,
  options: CaseOptions = {},
  report?: (seen: Seen) => void,
): AsyncGenerator<T> {
  const seen = new HeadersSeen();
  const controller = new AbortController();
  const { signal } = options;
  const abort = (): void => controller.abort(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  let over = false;
  try {
    yield* begin(callOptions({ ...options, signal: controller.signal }, seen));
    over = true;
  } catch (reason) {
    throw errorOf(reason);
  } finally {
    signal?.removeEventListener("abort", abort);
    // Who leaves a loop over its messages has not left the call.
    if (!over) controller.abort();
  }
  report?.(seen);
}

class HeadersSeen implements Seen {
  header: Headers | undefined;
  trailer: Headers | undefined;

  headers(name: string): string | Uint8Array | undefined {
    return valueOf(this.header, name);
  }

  trailers(name: string): string | Uint8Array | undefined {
    return valueOf(this.trailer, name);
  }
}

function callOptions({ headers = {}, timeoutMs, signal }: CaseOptions, seen: HeadersSeen): CallOptions {
  return {
    headers: encoded(headers),
    onHeader: (header) => void (seen.header = header),
    onTrailer: (trailer) => void (seen.trailer = trailer),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(signal === undefined ? {} : { signal }),
  };
}

function encoded(fields: Fields): [string, string][] {
  return Object.entries(fields).map(([name, value]) => [name, typeof value === "string" ? value : base64(value)]);
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function valueOf(fields: Headers | undefined, name: string): string | Uint8Array | undefined {
  const value = fields?.get(name) ?? undefined;
  if (value === undefined || !name.endsWith("-bin")) return value;
  return Uint8Array.from(atob(value), (char) => char.charCodeAt(0));
}

function errorOf(reason: unknown): CaseError {
  const error = ConnectError.from(reason, Code.Unknown);
  const [detail] = error.findDetails(StringValueSchema);
  return { code: error.code, message: error.rawMessage, details: detail?.value };
}
