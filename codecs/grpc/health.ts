/**
 * gRPC's health checks: what load balancers and orchestrators ask before they send calls.
 *
 * Spec: grpc.github.io/grpc/core/md_doc_health-checking.
 *
 * @module
 */
import type { RunningServer } from "../../lib/rpc/running_server.ts";
import type { Server } from "../../lib/rpc/server.ts";
import { protobufService } from "../protobuf/service.ts";
import { Health as HealthDesc, HealthCheckResponse_ServingStatus as Status } from "./gen/grpc/health/v1/health_pb.ts";
import { GrpcError, GrpcStatus } from "./status.ts";

/** Whether calls should be sent. */
export type ServingStatus = "SERVING" | "NOT_SERVING" | "UNKNOWN";

/**
 * Adds `grpc.health.v1.Health` to a server, which is SERVING until told otherwise.
 * Throws an `RpcError` of kind `"invalid"` if it is there already, or no protocol of the server carries Protocol Buffers.
 */
export function addHealth(server: Server): Health {
  const health = new Health(server);
  server.add(protobufService(HealthDesc), {
    check({ service }) {
      const status = health.status(service);
      if (status === undefined) throw new GrpcError(GrpcStatus.NOT_FOUND, `service ${service} is not known`);
      return { status: Status[status] };
    },
    list: () => ({
      statuses: Object.fromEntries([...health.statuses()].map(([name, status]) => [name, { status: Status[status] }])),
    }),
    async *watch({ service }, { signal }) {
      for await (const status of health.watch(service, signal)) {
        yield { status: status === undefined ? Status.SERVICE_UNKNOWN : Status[status] };
      }
      // Before the server waits for streams to end: a client that still watches would hold it up.
      if (!signal.aborted) throw new GrpcError(GrpcStatus.UNAVAILABLE, "the server is closing");
    },
  }, { named: true });
  return health;
}

/**
 * The health of a server: of the whole, under the name `""`, and of its services by full name. A service with no status of
 * its own has the server's.
 */
export class Health {
  readonly #server: Server;
  readonly #own = new Map<string, ServingStatus>([["", "SERVING"]]);
  readonly #watchers = new Set<() => void>();
  #leaving = false;

  /** Made by `addHealth`. */
  constructor(server: Server) {
    this.#server = server;
  }

  /** Sets the status of a service, or of the server as a whole. Without effect after `shutdown`. */
  set(service: string, status: ServingStatus): void {
    if (this.#leaving) return;
    this.#own.set(service, status);
    this.#wake();
  }

  /** Calls `shutdown` as soon as a server that listens begins to close, before it waits for calls. Once for each. */
  follow(running: RunningServer): void {
    const stop = running.onStateChange((state) => {
      if (state !== "draining" && state !== "closed") return;
      stop();
      this.shutdown();
    });
  }

  /** All is NOT_SERVING from now on, and those who watch are told so: before the server closes. Twice is fine. */
  shutdown(): void {
    this.#leaving = true;
    this.#wake();
  }

  /** The status of a service, or with `""` of the server; `undefined` if the server does not know the service. */
  status(service: string): ServingStatus | undefined {
    const own = this.#own.get(service);
    const known = own !== undefined ||
      this.#server.services.some(({ fullName, name }) => (fullName ?? name) === service);
    if (!known) return undefined;
    return this.#leaving ? "NOT_SERVING" : own ?? this.#own.get("");
  }

  /** The statuses of the server and of all services, by name. */
  statuses(): Map<string, ServingStatus> {
    const names = [...this.#own.keys(), ...this.#server.services.map(({ fullName, name }) => fullName ?? name)];
    return new Map(names.map((name) => [name, this.status(name) ?? "UNKNOWN"]));
  }

  /**
   * The status of a service now and whenever it changes; `undefined` while the server does not know it. A reader that is slow
   * gets the latest. Ends when the signal fires, and after the last status once `shutdown` was called.
   */
  async *watch(service: string, signal: AbortSignal): AsyncGenerator<ServingStatus | undefined> {
    for (let last: ServingStatus | undefined, first = true; !signal.aborted; first = false) {
      const status = this.status(service);
      if (first || status !== last) yield last = status;
      else if (this.#leaving) return;
      else await this.#change(signal);
    }
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#watchers.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      this.#watchers.add(done);
      signal.addEventListener("abort", done, { once: true });
    });
  }

  #wake(): void {
    for (const wake of [...this.#watchers]) wake();
  }
}
