import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RpcError } from "../../../lib/errors.ts";
import { methodConfigOf, parseServiceConfig } from "../../../lib/governance/service_config.ts";

const RETRY = {
  maxAttempts: 4,
  initialBackoff: "0.1s",
  maxBackoff: "1s",
  backoffMultiplier: 2,
  retryableStatusCodes: ["UNAVAILABLE", 8],
};

describe("parseServiceConfig", () => {
  it("reads everything it knows, and passes over the rest", () => {
    const config = parseServiceConfig(JSON.stringify({
      loadBalancingConfig: [{ grpclb: {} }, { round_robin: {} }],
      methodConfig: [{
        name: [{ service: "a.B", method: "C" }],
        waitForReady: true,
        timeout: "1.5s",
        maxRequestMessageBytes: 10,
        maxResponseMessageBytes: "20",
        retryPolicy: RETRY,
        what: 1,
      }],
      retryThrottling: { maxTokens: 10, tokenRatio: 0.1 },
      healthCheckConfig: {},
    }));
    assertEquals(config.balancer, { name: "round_robin" });
    assertEquals(config.retryThrottling, { maxTokens: 10, tokenRatio: 0.1 });
    assertEquals(methodConfigOf(config, "a.B", "C"), {
      waitForReady: true,
      timeoutMs: 1_500,
      limits: { maxRequestBytes: 10, maxResponseBytes: 20 },
      retry: {
        maxAttempts: 4,
        initialBackoffMs: 100,
        maxBackoffMs: 1_000,
        backoffMultiplier: 2,
        retryableStatusCodes: new Set([14, 8]),
      },
    });
    assertEquals(parseServiceConfig({}), { balancer: undefined, methods: new Map(), retryThrottling: undefined });
  });

  it("finds what holds for a method, before that for its service, before that for all", () => {
    const config = parseServiceConfig({
      methodConfig: [
        { name: [{ service: "S", method: "m" }], timeout: "1s" },
        { name: [{ service: "S" }], timeout: "2s" },
        { name: [{}], timeout: "3s" },
      ],
    });
    const found = (["S/m", "S/n", "T/m"] as const).map((path) => {
      const [service = "", method = ""] = path.split("/");
      return methodConfigOf(config, service, method)?.timeoutMs;
    });
    assertEquals(found, [1_000, 2_000, 3_000]);
    assertEquals(methodConfigOf(parseServiceConfig({}), "S", "m"), undefined);
  });

  it("takes at most five tries, and the old way to name a balancer", () => {
    const config = parseServiceConfig({
      loadBalancingPolicy: "PICK_FIRST",
      methodConfig: [{ name: [{}], retryPolicy: { ...RETRY, maxAttempts: 9 } }],
    });
    assertEquals(config.balancer, { name: "pick_first", shuffle: false });
    assertEquals(methodConfigOf(config, "S", "m")?.retry?.maxAttempts, 5);
  });

  const of = (more: object): object => ({ methodConfig: [{ name: [{}], ...more }] });
  const retry = (more: object): object => of({ retryPolicy: { ...RETRY, ...more } });
  for (
    const [where, json] of [
      ["is no JSON", "{"],
      ["is no object", "[]"],
      ["methodConfig is no list", { methodConfig: {} }],
      ["methodConfig[0] is no object", { methodConfig: [1] }],
      ["without its service", { methodConfig: [{ name: [{ method: "m" }] }] }],
      ["a second time", { methodConfig: [{ name: [{}, {}] }] }],
      ["methodConfig[0].waitForReady", of({ waitForReady: 1 })],
      ["methodConfig[0].timeout", of({ timeout: "1m" })],
      ["methodConfig[0].timeout", of({ timeout: "-1s" })],
      ["methodConfig[0].maxRequestMessageBytes", of({ maxRequestMessageBytes: -1 })],
      ["methodConfig[0].hedgingPolicy is not supported", of({ hedgingPolicy: {} })],
      ["retryPolicy.maxAttempts", retry({ maxAttempts: 1 })],
      ["retryPolicy.initialBackoff", retry({ initialBackoff: "0s" })],
      ["retryPolicy.maxBackoff", retry({ maxBackoff: undefined })],
      ["retryPolicy.backoffMultiplier", retry({ backoffMultiplier: 0 })],
      ["retryPolicy.retryableStatusCodes is empty", retry({ retryableStatusCodes: [] })],
      ["retryableStatusCodes[0]", retry({ retryableStatusCodes: ["NOPE"] })],
      ["retryableStatusCodes[0]", retry({ retryableStatusCodes: [17] })],
      ["retryThrottling.maxTokens", { retryThrottling: { maxTokens: 1_001, tokenRatio: 1 } }],
      ["retryThrottling.tokenRatio", { retryThrottling: { maxTokens: 1, tokenRatio: 0 } }],
      ["loadBalancingConfig has none", { loadBalancingConfig: [{ grpclb: {} }] }],
      ["loadBalancingConfig[0]", { loadBalancingConfig: [{ a: {}, b: {} }] }],
      ["shuffleAddressList", { loadBalancingConfig: [{ pick_first: { shuffleAddressList: 1 } }] }],
      ["loadBalancingPolicy", { loadBalancingPolicy: "grpclb" }],
    ] as const
  ) {
    it(`says of ${JSON.stringify(json)}: ${where}`, () => {
      const error = assertThrows(() => parseServiceConfig(json), RpcError);
      assertEquals(error.kind, "invalid");
      assert(error.message.includes(where), error.message);
    });
  }
});
