/**
 * The long pool: the connection used last is used next, the ones unused for long are closed.
 *
 * @module
 */
import { RpcError } from "../errors.ts";
import { addressKeys } from "./address_keys.ts";
import { LONG_POOL_DEFAULTS } from "./defaults.ts";
import type { LongPoolOptions, Pool, PoolHost } from "./pool.ts";
import type { ClientSession } from "./protocol.ts";

interface Idle {
  readonly session: ClientSession;
  readonly untilMs: number;
}

/** Makes a long pool. Throws an `RpcError` of kind `"invalid"` for limits out of their range. */
export function longPool(options: LongPoolOptions, host: PoolHost): Pool {
  const maxIdle = options.maxIdlePerAddress ?? LONG_POOL_DEFAULTS.maxIdlePerAddress;
  const maxIdleGlobal = options.maxIdleGlobal ?? LONG_POOL_DEFAULTS.maxIdleGlobal;
  const idleMs = options.maxIdleTimeoutMs ?? LONG_POOL_DEFAULTS.maxIdleTimeoutMs;
  const minIdle = options.minIdlePerAddress ?? LONG_POOL_DEFAULTS.minIdlePerAddress;
  atLeast("maxIdlePerAddress", maxIdle, 1);
  atLeast("maxIdleGlobal", maxIdleGlobal, maxIdle);
  atLeast("maxIdleTimeoutMs", idleMs, 2_000);
  if (!(minIdle >= 0 && minIdle <= 5)) throw new RpcError("invalid", `minIdlePerAddress ${minIdle} is not 0 to 5`);

  const { wheel } = host;
  const keyOf = addressKeys();
  const idle = new Map<string, Idle[]>();
  const keys = new Map<ClientSession, string>();
  /** Addresses whose connections are not kept any more. */
  const left = new Set<string>();
  let idleCount = 0;
  let closed = false;
  let eviction: ReturnType<typeof wheel.add> | undefined;

  function take(key: string): ClientSession | undefined {
    const stack = idle.get(key);
    for (let entry; (entry = stack?.pop()) !== undefined;) {
      idleCount--;
      if (entry.session.usable) return entry.session;
    }
    return undefined;
  }

  function drop(session: ClientSession): void {
    const key = keys.get(session);
    keys.delete(session);
    if (left.size > 0 && ![...keys.values()].includes(key!)) left.delete(key!);
    const stack = key === undefined ? undefined : idle.get(key);
    const at = stack?.findIndex((entry) => entry.session === session) ?? -1;
    if (at < 0) return;
    stack!.splice(at, 1);
    idleCount--;
    if (stack!.length === 0) idle.delete(key!);
  }

  function evict(): void {
    eviction = undefined;
    const now = wheel.clock.now();
    for (const stack of [...idle.values()]) {
      const late = stack.filter((entry) => entry.untilMs <= now);
      for (const entry of late.slice(0, Math.max(0, stack.length - minIdle))) void entry.session.conn.close();
    }
    arm();
  }

  function arm(): void {
    if (eviction === undefined && idleCount > 0 && !closed) eviction = wheel.add(wheel.clock.now() + idleMs / 2, evict);
  }

  async function dial(key: string, ...where: Parameters<PoolHost["dial"]>): Promise<ClientSession> {
    const session = await host.dial(...where);
    keys.set(session, key);
    session.onUnusable = () => drop(session);
    session.conn.onClose(() => drop(session));
    return session;
  }

  return {
    keeps: maxIdle,
    acquire(to, connectTimeoutMs) {
      const key = keyOf(to);
      if (left.size > 0) left.delete(key);
      return take(key) ?? dial(key, to, connectTimeoutMs);
    },
    release(session, reusable) {
      const key = keys.get(session);
      if (!reusable) return void session.conn.abort();
      if (!session.usable || key === undefined || closed || left.has(key)) return void session.conn.close();
      const stack = idle.get(key) ?? [];
      if (stack.length >= maxIdle || idleCount >= maxIdleGlobal) return void session.conn.close();
      idle.set(key, stack);
      stack.push({ session, untilMs: wheel.turnNow() + idleMs });
      idleCount++;
      arm();
    },
    leave(to) {
      const key = keyOf(to);
      for (const { session } of [...idle.get(key) ?? []]) void session.conn.close();
      for (const used of keys.values()) if (used === key) left.add(key);
    },
    async close() {
      closed = true;
      if (eviction !== undefined) wheel.cancel(eviction);
      await Promise.all([...keys.keys()].map((session) => session.conn.close()));
    },
  };
}

function atLeast(name: string, value: number, least: number): void {
  if (!(value >= least)) throw new RpcError("invalid", `${name} ${value} is less than ${least}`);
}
