/**
 * Streams of Node as Web Streams of plain bytes, and program output.
 *
 * Written out, because `toWeb` of some versions throws where nobody can catch it when one side ends early.
 *
 * @module
 */
import type { Readable, Writable } from "node:stream";
import type { WriteStream } from "node:tty";
import { RpcError } from "../lib/errors.ts";
import type { OutStream } from "../lib/platform.ts";

const READ_AHEAD_BYTES = 64 * 1024;

/** The bytes of a readable; cancelling destroys it. */
export function toReadable(source: Readable): ReadableStream<Uint8Array> {
  let ended = false;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const end = (then: () => void): void => {
        if (!ended) then();
        ended = true;
      };
      source.on("data", (chunk: Uint8Array<ArrayBuffer>) => {
        if (ended) return;
        controller.enqueue(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length));
        if ((controller.desiredSize ?? 0) <= 0) source.pause();
      });
      source.on("error", (cause) => end(() => controller.error(RpcError.from(cause))));
      source.on("end", () => end(() => controller.close()));
      source.on("close", () => end(() => controller.close()));
      source.pause();
    },
    pull: () => void source.resume(),
    cancel() {
      ended = true;
      source.destroy();
    },
  }, { highWaterMark: READ_AHEAD_BYTES, size: (chunk) => chunk.length });
}

/** Writes into a writable; closing ends it. */
export function toWritable(sink: Writable): WritableStream<Uint8Array> {
  sink.on("error", () => {}); // each write's callback carries it
  return new WritableStream<Uint8Array>({
    write: (chunk) => written(sink, chunk),
    close: () => new Promise((resolve) => sink.end(resolve)),
    abort: () => void sink.destroy(),
  });
}

/** Standard output or standard error; `stream` is asked for at the first use. */
export function outStream(stream: () => WriteStream): OutStream {
  let known: WriteStream | undefined;
  const get = (): WriteStream => {
    if (known === undefined) {
      known = stream();
      known.on("error", () => {}); // each write's callback carries it
    }
    return known;
  };
  return {
    write: (text) => written(get(), text),
    writeBytes: (bytes) => written(get(), bytes),
    get isTerminal() {
      return stream().isTTY === true;
    },
    get columns() {
      return stream().columns as number | undefined;
    },
  };
}

function written(sink: Writable, chunk: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    sink.write(chunk, (cause) => cause ? reject(RpcError.from(cause)) : resolve());
  });
}
