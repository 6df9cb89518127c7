/**
 * What is wrong with a request, and the status that says so.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";

/** A request that cannot be taken: it is answered with `status`, and its connection is closed. */
export class HttpFault extends RpcError {
  /** 400 to 599. */
  readonly status: number;

  /** Made with the text that the client is told. */
  constructor(status: number, message: string) {
    super("protocol", message);
    this.status = status;
  }
}
