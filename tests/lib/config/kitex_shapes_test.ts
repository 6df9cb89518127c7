import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readBreakers, readDegradation, readLimit, readRetry, readTimeouts } from "../../../lib/config/kitex_shapes.ts";
import { RpcError } from "../../../lib/errors.ts";

const COMMON = { maxDurationMs: 0, chainStop: true, breakerErrorRate: 0.1, sameInstance: false };

describe("readRetry", () => {
  it("reads failure, backup and mixed policies by method", () => {
    const policies = readRetry({
      "*": {
        enable: true,
        type: 0,
        failure_policy: {
          stop_policy: {
            max_retry_times: 3,
            max_duration_ms: 2000,
            disable_chain_stop: true,
            ddl_stop: true,
            cb_policy: { error_rate: 0.3 },
          },
          backoff_policy: { backoff_type: "fixed", cfg_items: { fix_ms: 50 } },
          retry_same_node: true,
          extra: "{}",
        },
      },
      echo: { enable: true, type: 1, backup_policy: { retry_delay_ms: 100, stop_policy: { max_retry_times: 2 } } },
      sum: {
        enable: true,
        type: 2,
        mixed_policy: {
          retry_delay_ms: 10,
          backoff_policy: { backoff_type: "random", cfg_items: { min_ms: 5, max_ms: 9 } },
        },
      },
      off: { enable: false, type: 0 },
    });
    assertEquals({ ...policies }, {
      "*": {
        type: "failure",
        times: 3,
        maxDurationMs: 2000,
        chainStop: false,
        breakerErrorRate: 0.3,
        sameInstance: true,
        backoff: { type: "fixed", ms: 50 },
      },
      echo: { ...COMMON, type: "backup", times: 2, delayMs: 100 },
      sum: { ...COMMON, type: "mixed", times: 1, delayMs: 10, backoff: { type: "random", minMs: 5, maxMs: 9 } },
      off: false,
    });
  });

  it("takes Kitex's defaults where a policy says nothing", () => {
    const { echo } = readRetry({ echo: { enable: true, type: 0 } });
    assertEquals(echo, { ...COMMON, type: "failure", times: 2, backoff: { type: "none" } });
  });
});

describe("the other shapes", () => {
  it("are read by their names, with Kitex's defaults", () => {
    assertEquals({ ...readTimeouts({ "*": { conn_timeout_ms: 100, rpc_timeout_ms: 800 }, echo: {} }) }, {
      "*": { rpcMs: 800, connectMs: 100 },
      echo: { rpcMs: 0, connectMs: 0 },
    });
    assertEquals(
      { ...readBreakers({ echo: { enable: true, err_rate: 0.3, min_sample: 100 }, sum: { enable: true } }) },
      {
        echo: { enable: true, errorRate: 0.3, minSamples: 100 },
        sum: { enable: true, errorRate: 0.5, minSamples: 200 },
      },
    );
    assertEquals(readDegradation({ enable: true, percentage: 30 }), { enable: true, percentage: 30 });
    assertEquals(readLimit({ connection_limit: 100, qps_limit: 2000 }), { connections: 100, qps: 2000 });
    assertEquals(readLimit({}), { connections: 0, qps: 0 });
  });

  it("skip fields that they do not know", () => {
    assertEquals(readLimit({ qps_limit: 5, burst: "much" }), { connections: 0, qps: 5 });
  });
});

describe("a wrong field", () => {
  const policy = (type: number, name: string, value: unknown): unknown => ({
    echo: { enable: false, type, [name]: value },
  });
  const cases: [read: (value: unknown) => unknown, value: unknown, message: string][] = [
    [readRetry, [], "retry is no object"],
    [readRetry, { echo: 3 }, "retry.echo is no object"],
    [readRetry, { echo: { enable: "yes" } }, 'retry.echo.enable: "yes" is neither true nor false'],
    [readRetry, { echo: { type: 3 } }, "retry.echo.type: 3 is not 0 to 2"],
    [
      readRetry,
      policy(0, "failure_policy", { stop_policy: { max_retry_times: 6 } }),
      "retry.echo.failure_policy.stop_policy.max_retry_times: 6 is not 0 to 5",
    ],
    [
      readRetry,
      policy(0, "failure_policy", { stop_policy: { max_retry_times: "2" } }),
      'retry.echo.failure_policy.stop_policy.max_retry_times: "2" is no number',
    ],
    [
      readRetry,
      policy(0, "failure_policy", { stop_policy: { cb_policy: { error_rate: 0.4 } } }),
      "retry.echo.failure_policy.stop_policy.cb_policy.error_rate: 0.4 is not 0 to 0.3",
    ],
    [
      readRetry,
      policy(0, "failure_policy", { backoff_policy: { backoff_type: "exponential" } }),
      'retry.echo.failure_policy.backoff_policy.backoff_type: "exponential" is not none, fixed or random',
    ],
    [
      readRetry,
      policy(2, "mixed_policy", {
        retry_delay_ms: 1,
        backoff_policy: { backoff_type: "random", cfg_items: { min_ms: 9, max_ms: 8 } },
      }),
      `retry.echo.mixed_policy.backoff_policy.cfg_items.max_ms: 8 is not 9 to ${0x7fffffff}`,
    ],
    [readRetry, policy(1, "backup_policy", {}), "retry.echo.backup_policy.retry_delay_ms: 0 is not above 0"],
    [readTimeouts, { "*": { rpc_timeout_ms: -1 } }, `rpc_timeout.*.rpc_timeout_ms: -1 is not 0 to ${0x7fffffff}`],
    [readBreakers, { echo: { err_rate: 1.5 } }, "circuit_break.echo.err_rate: 1.5 is not 0 to 1"],
    [readBreakers, { echo: { err_rate: 0 } }, "circuit_break.echo.err_rate: 0 is not above 0"],
    [readDegradation, { percentage: 101 }, "degradation.percentage: 101 is not 0 to 100"],
    [readLimit, { qps_limit: true }, "limit.qps_limit: true is no number"],
    [readLimit, null, "limit is no object"],
  ];
  for (const [read, value, message] of cases) {
    it(`is named: ${message}`, () => {
      const error = assertThrows(() => read(value), RpcError);
      assertEquals([error.kind, error.message], ["invalid", message]);
    });
  }
});
