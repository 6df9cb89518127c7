import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createRegistry } from "@bufbuild/protobuf";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from "../../../codecs/grpc/gen/google/rpc/error_details_pb.ts";
import { GrpcError } from "../../../codecs/grpc/status.ts";
import { errorWithDetails } from "../../../codecs/grpc/status_details.ts";
import { detailsOf, findDetails } from "../../../codecs/protobuf/status_details.ts";
import { RpcError } from "../../../core.ts";
import { network } from "./network.ts";

const details = [
  { desc: BadRequestSchema, value: { fieldViolations: [{ field: "name", description: "is empty" }] } },
  { desc: ErrorInfoSchema, value: { reason: "NAME", domain: "acme.com", metadata: { a: "b" } } },
  { desc: RetryInfoSchema, value: { retryDelay: { seconds: 2n } } },
];

describe("errorWithDetails", () => {
  it("brings its details to the caller, who finds them by their type or by a registry", async () => {
    await using net = network();
    await net.up(1, {}, {
      ping() {
        throw errorWithDetails(3, "bad name", details);
      },
    });
    const error = await net.client("10.0.0.1:1").ping().then(() => undefined, (error: unknown) => error);
    assertEquals([(error as GrpcError).code, (error as GrpcError).message], [3, "bad name"]);
    const [bad] = findDetails(error, BadRequestSchema);
    assertEquals(bad?.fieldViolations.map(({ field, description }) => [field, description]), [["name", "is empty"]]);
    const registry = createRegistry(ErrorInfoSchema, RetryInfoSchema);
    assertEquals(detailsOf(error, registry).map(({ $typeName }) => $typeName), [
      "google.rpc.ErrorInfo",
      "google.rpc.RetryInfo",
    ]);
  });

  it("is serialized as everyone's google.rpc.Status", () => {
    const { details: bytes } = errorWithDetails(5, "x", [{ desc: ErrorInfoSchema, value: { reason: "R" } }]);
    const text = "type.googleapis.com/google.rpc.ErrorInfo";
    const any = [0x0a, text.length, ...new TextEncoder().encode(text), 0x12, 3, 0x0a, 1, 0x52];
    assertEquals([...bytes!], [0x08, 5, 0x12, 1, 0x78, 0x1a, any.length, ...any]);
  });

  it("refuses a value that is no such message", () => {
    const bad = { desc: RetryInfoSchema, value: { retryDelay: { seconds: "many" } } } as never;
    assertEquals(assertThrows(() => errorWithDetails(3, "x", [bad]), RpcError).kind, "invalid");
  });
});

describe("findDetails", () => {
  it("finds nothing where there is nothing that it can read", () => {
    assertEquals(findDetails(new Error("x"), ErrorInfoSchema), []);
    assertEquals(findDetails(new GrpcError(3, "x"), ErrorInfoSchema), []);
    assertEquals(findDetails(new GrpcError(3, "x", { details: Uint8Array.of(255) }), ErrorInfoSchema), []);
    assertEquals(detailsOf(undefined, createRegistry(ErrorInfoSchema)), []);
  });
});
