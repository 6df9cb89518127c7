/**
 * A sink that keeps what a resolver told it, and waits for more.
 *
 * @module
 */
import type { Instance } from "../../../lib/discovery/instance.ts";
import type { ResolutionSink } from "../../../lib/discovery/resolver.ts";
import type { RpcError } from "../../../lib/errors.ts";

/** What was told so far: addresses joined by blanks, or `! message`. */
export class Heard implements ResolutionSink {
  /** All of it. */
  readonly told: string[] = [];
  /** The last list. */
  instances: readonly Instance[] = [];
  #wake = (): void => {};

  update(instances: readonly Instance[]): void {
    this.instances = instances;
    this.#tell(instances.map(({ address }) => address).sort().join(" "));
  }

  failed(error: RpcError): void {
    this.#tell(`! ${error.message}`);
  }

  /** Waits until so much was told in all; gives the last. */
  async until(count: number): Promise<string> {
    while (this.told.length < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.told[count - 1]!;
  }

  #tell(text: string): void {
    this.told.push(text);
    this.#wake();
  }
}

/** Lets everything happen that needs no time. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise<void>((resolve) => setTimeout(resolve));
}
