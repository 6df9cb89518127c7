/**
 * What docs/grpc.md shows of errors with details and of service configs.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { createClient, createServer } from "@updraft/rpc";
import { BadRequestSchema, errorWithDetails, findDetails, grpc, GrpcStatus } from "@updraft/rpc/grpc";
import { Greeter } from "../../../examples/gen/greeter.ts";
import { greeter } from "../../../examples/handlers.ts";

const lines: unknown[] = [];
const console = { log: (line: unknown): void => void lines.push(line) };

const violation = { field: "name", description: "is empty" };
const error = errorWithDetails(GrpcStatus.INVALID_ARGUMENT, "bad request", [
  { desc: BadRequestSchema, value: { fieldViolations: [violation] } },
]);
for (const { fieldViolations } of findDetails(error, BadRequestSchema)) console.log(fieldViolations);
assertEquals(lines.length, 1);

const serviceConfig = {
  loadBalancingConfig: [{ round_robin: {} }],
  methodConfig: [{
    name: [{ service: "acme.Greeter" }], // { service, method }, or {} for all others
    timeout: "2s",
    waitForReady: true,
    retryPolicy: {
      maxAttempts: 3,
      initialBackoff: "0.1s",
      maxBackoff: "1s",
      backoffMultiplier: 2,
      retryableStatusCodes: ["UNAVAILABLE"],
    },
  }],
  retryThrottling: { maxTokens: 10, tokenRatio: 0.1 },
};

await using server = await createServer({ protocols: [grpc()] }).add(Greeter, greeter())
  .listen({ hostname: "127.0.0.1", port: 0 });
await using client = createClient(Greeter, { to: server.address, protocol: grpc(), serviceConfig });
assertEquals(typeof (await client.hello({ name: "Ada" })).text, "string");
