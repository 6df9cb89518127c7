/**
 * A call that a server was sent and has not answered yet; also one it does not run, while other answers come first.
 *
 * @module
 */
import type { Call } from "../../lib/rpc/call.ts";
import type { Linked } from "../../lib/rpc/linked_list.ts";
import type { Binding, Bindings } from "./bindings.ts";
import type { FrameReader, Framing } from "./framing.ts";

/** How the answer to a message has to look: what the reader says of the message. */
export type ReplyForm = Pick<FrameReader, "bindings" | "framing" | "form">;

/** A call whose answer is not written yet. */
export class RunningCall implements Linked<RunningCall>, ReplyForm {
  previous: RunningCall | undefined = undefined;
  next: RunningCall | undefined = undefined;
  /** What runs; `undefined` where nothing does. */
  readonly call: Call | undefined;
  /** Its method; `undefined` where it has none. */
  readonly binding: Binding | undefined;
  /** Name of its method as UTF-8. */
  readonly name: Uint8Array;
  readonly seqid: number;
  readonly bindings: Bindings;
  readonly framing: Framing;
  readonly form: number;
  /** True if no other answer waits for this one, nor this one for others. */
  readonly apart: boolean;
  /** How it stands. */
  state: "running" | "succeeded" | "failed" = "running";
  /** The value or the error it ended with. */
  outcome: unknown = undefined;

  /** Takes from `frames` what the answer needs, for the next message changes it. */
  constructor(
    call: Call | undefined,
    binding: Binding | undefined,
    name: Uint8Array,
    seqid: number,
    frames: FrameReader,
    apart: boolean,
  ) {
    this.call = call;
    this.binding = binding;
    this.name = name;
    this.seqid = seqid;
    this.bindings = frames.bindings;
    this.framing = frames.framing;
    this.form = frames.form;
    this.apart = apart;
  }
}
