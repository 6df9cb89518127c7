/**
 * A raw connection whose other end is the test: it says what is taken and lent, and sees every call.
 *
 * @module
 */
import type { RawConn, RawSink } from "../../../lib/io/raw.ts";

/** See the module. */
export class FakeRaw implements RawConn {
  readonly local = { path: "here" };
  readonly remote = { path: "there" };
  readonly tls = undefined;
  lent = false;
  /** How many more bytes `write` takes. */
  room: number = Infinity;
  /** True lends every buffer until `giveBack`. */
  lends = false;
  /** What each call of `write` took, as it was at that time. */
  writes: Uint8Array[] = [];
  /** Calls other than `write`. */
  calls: string[] = [];
  /** The adapter's side of the connection. */
  sink!: RawSink;
  #lentView: Uint8Array | undefined;
  #lentCopy: Uint8Array | undefined;

  start(sink: RawSink): void {
    this.sink = sink;
  }
  write(bytes: Uint8Array): number {
    if (this.lent) throw new Error("write while a buffer is lent");
    const count = Math.min(bytes.length, this.room);
    this.room -= count;
    this.writes.push(bytes.slice(0, count));
    if (this.lends && count > 0) {
      this.lent = true;
      this.#lentView = bytes.subarray(0, count);
      this.#lentCopy = bytes.slice(0, count);
    }
    return count;
  }
  pause(): void {
    this.calls.push("pause");
  }
  resume(): void {
    this.calls.push("resume");
  }
  closeWrite(): void {
    this.calls.push("closeWrite");
  }
  close(): void {
    this.calls.push("close");
  }
  abort(): void {
    this.calls.push("abort");
  }

  /** Chunks that arrive, overwritten afterwards as an adapter may. */
  arrive(bytes: Uint8Array | string): void {
    const chunk = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes.slice();
    this.sink.chunk(chunk, false);
    chunk.fill(0xdd);
  }
  /** Gives a lent buffer back; true if it was left as it was. */
  giveBack(): boolean {
    const same = this.#lentCopy!.every((byte, i) => byte === this.#lentView![i]);
    this.lent = false;
    this.sink.drain();
    return same;
  }
  /** Makes room and says so. */
  drain(room: number = Infinity): void {
    this.room = room;
    this.sink.drain();
  }
  /** All bytes taken, as text. */
  get text(): string {
    return this.writes.map((w) => new TextDecoder().decode(w)).join("");
  }
}
