/**
 * What header blocks cost: encoding and decoding those of gRPC calls, in ns a block, after the tables have settled.
 *
 * Run: `deno run bench/hpack.ts`, `bun bench/hpack.ts`, `node bench/hpack.ts`. It takes some seconds and prints the best of
 * many rounds, which is what the code costs when nothing else runs.
 *
 * @module
 */
import { HeaderList } from "../codecs/http2/header_list.ts";
import { HpackDecoder } from "../codecs/http2/hpack/decoder.ts";
import { HpackEncoder } from "../codecs/http2/hpack/encoder.ts";
import { WriteBuffer } from "../lib/io/write_buffer.ts";

const REQUEST: Record<string, string> = {
  ":method": "POST",
  ":scheme": "http",
  ":path": "/pkg.EchoService/Echo",
  ":authority": "svc",
  "content-type": "application/grpc",
  "user-agent": "kitex/v0.16.2",
  te: "trailers",
};
const META = {
  "source-service": "cli",
  "source-method": "",
  "destination-service": "svc",
  "destination-method": "Echo",
  "rpc-persist-tenant": "acme",
};
const RESPONSE = { ":status": "200", "content-type": "application/grpc" };
const TRAILERS = { "grpc-status": "0", "grpc-message": "" };

/** Many short rounds: on a busy machine some of them run undisturbed. */
const ROUNDS = 200;
const CALLS = 1024;

function best(fn: (i: number) => void): number {
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    for (let i = 0; i < CALLS; i++) fn(i);
    least = Math.min(least, (performance.now() - start) * 1e6 / CALLS);
  }
  return least;
}

/** Encodes what `make` gives for call `i`. */
function encoding(make: (i: number) => HeaderList, extra?: (i: number) => HeaderList): number {
  const encoder = new HpackEncoder();
  const w = new WriteBuffer();
  return best((i) => {
    w.pos = 0;
    encoder.encode(w, make(i), extra?.(i));
  });
}

/** Decodes blocks that our encoder, or with `plain` one without any table, made of what `make` gives. */
function decoding(make: (i: number) => HeaderList, plain = false): number {
  const decoder = new HpackDecoder();
  const encoder = new HpackEncoder();
  if (plain) encoder.limitTable(0);
  const w = new WriteBuffer();
  const blocks: Uint8Array[] = [];
  for (let i = 0; i < 1030; i++) {
    w.pos = 0;
    encoder.encode(w, make(i));
    const block = w.written().slice();
    if (i < 6) decoder.decode(block, 0, block.length);
    else blocks.push(block);
  }
  return best((i) => {
    const block = blocks[i & 1023]!;
    decoder.decode(block, 0, block.length);
  });
}

const fresh = (fields: Record<string, string>) => () => HeaderList.of(fields);
const timeout = (i: number): string => `${900_000 + i % 1024}u`;
const full = { ...REQUEST, ...META };
const base = HeaderList.of(REQUEST);
const response = HeaderList.of(RESPONSE);
const trailers = HeaderList.of(TRAILERS);

const rows: [name: string, ns: number][] = [
  ["encode request, same list kept", encoding(() => base)],
  [
    "encode request, list kept + deadline",
    encoding(() => base, (i) => new HeaderList().add("grpc-timeout", timeout(i))),
  ],
  ["encode request with metadata, new list", encoding(fresh(full))],
  [
    "encode request with metadata and deadline, new list",
    encoding((i) => HeaderList.of(full).add("grpc-timeout", timeout(i))),
  ],
  ["encode response, same list kept", encoding(() => response)],
  ["encode trailers, same list kept", encoding(() => trailers)],
  ["encode trailers, new list", encoding(fresh(TRAILERS))],
  ["decode request, indexed", decoding(() => base)],
  ["decode request with metadata, indexed", decoding(fresh(full))],
  ["decode request with metadata and deadline", decoding((i) => HeaderList.of(full).add("grpc-timeout", timeout(i)))],
  ["decode request of a peer without table", decoding(() => base, true)],
  ["decode the same with deadline", decoding((i) => HeaderList.of(REQUEST).add("grpc-timeout", timeout(i)), true)],
  ["decode response", decoding(() => response)],
  ["decode trailers", decoding(() => trailers)],
];
const { Deno, Bun } = globalThis as { Deno?: unknown; Bun?: unknown };
// deno-lint-ignore no-console -- a benchmark prints
console.log(
  `ns a block on ${Bun !== undefined ? "Bun" : Deno !== undefined ? "Deno" : "Node"}, best of ${ROUNDS} x ${CALLS}`,
);
// deno-lint-ignore no-console -- a benchmark prints
for (const [name, ns] of rows) console.log(`${ns.toFixed(0).padStart(6)}  ${name}`);
