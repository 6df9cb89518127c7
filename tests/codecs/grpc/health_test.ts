import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  Health as HealthDesc,
  HealthCheckResponse_ServingStatus as Status,
} from "../../../codecs/grpc/gen/grpc/health/v1/health_pb.ts";
import { addHealth, type Health } from "../../../codecs/grpc/health.ts";
import { GrpcError, GrpcStatus } from "../../../codecs/grpc/status.ts";
import { protobufService } from "../../../codecs/protobuf/service.ts";
import { RpcError } from "../../../core.ts";
import { type Fixture, fixture } from "./services_fixture.ts";

const HealthService = protobufService(HealthDesc);
const SERVICE = "grpc.testing.TestService";

async function healthy(): Promise<Fixture & { health: Health }> {
  let health!: Health;
  const f = await fixture((server) => health = addHealth(server));
  return { ...f, health };
}

describe("addHealth", () => {
  it("answers Check for the server, its services, and those that were given a status", async () => {
    await using f = await healthy();
    const client = f.client(HealthService);
    assertEquals((await client.check({})).status, Status.SERVING);
    assertEquals((await client.check({ service: SERVICE })).status, Status.SERVING);
    assertEquals((await client.check({ service: "EchoService" })).status, Status.SERVING);
    f.health.set("database", "NOT_SERVING");
    f.health.set(SERVICE, "UNKNOWN");
    assertEquals((await client.check({ service: "database" })).status, Status.NOT_SERVING);
    assertEquals((await client.check({ service: SERVICE })).status, Status.UNKNOWN);
    f.health.set("", "NOT_SERVING");
    assertEquals((await client.check({ service: "EchoService" })).status, Status.NOT_SERVING);
  });

  it("answers Check for a service that is not known with NOT_FOUND", async () => {
    await using f = await healthy();
    const error = await assertRejects(() => f.client(HealthService).check({ service: "__proto__" }), GrpcError);
    assertEquals(error.code, GrpcStatus.NOT_FOUND);
  });

  it("lists all statuses", async () => {
    await using f = await healthy();
    f.health.set("EchoService", "NOT_SERVING");
    const { statuses } = await f.client(HealthService).list({});
    assertEquals(
      Object.entries(statuses).map(([name, { status }]) => [name, status]).sort(),
      [["", Status.SERVING], ["EchoService", Status.NOT_SERVING], ["grpc.health.v1.Health", Status.SERVING], [
        SERVICE,
        Status.SERVING,
      ]],
    );
  });

  it("tells those who watch of each change, and of a service that becomes known", async () => {
    await using f = await healthy();
    const statuses = f.client(HealthService).watch({ service: "later" })[Symbol.asyncIterator]();
    const next = async () => (await statuses.next()).value?.status;
    assertEquals(await next(), Status.SERVICE_UNKNOWN);
    f.health.set("later", "SERVING");
    assertEquals(await next(), Status.SERVING);
    f.health.set("later", "SERVING");
    f.health.set("later", "NOT_SERVING");
    assertEquals(await next(), Status.NOT_SERVING);
    await statuses.return?.();
  });

  it("says NOT_SERVING and ends watches on shutdown, whatever is set after", async () => {
    await using f = await healthy();
    const client = f.client(HealthService);
    const statuses = client.watch({})[Symbol.asyncIterator]();
    assertEquals((await statuses.next()).value?.status, Status.SERVING);
    f.health.shutdown();
    f.health.set("", "SERVING");
    assertEquals((await statuses.next()).value?.status, Status.NOT_SERVING);
    const error = await assertRejects(() => statuses.next(), GrpcError);
    assertEquals(error.code, GrpcStatus.UNAVAILABLE);
    assertEquals((await client.check({ service: SERVICE })).status, Status.NOT_SERVING);
  });

  it("follows a server that closes: those who watch do not hold it up", async () => {
    await using f = await healthy();
    f.health.follow(f.running);
    const statuses = f.client(HealthService).watch({})[Symbol.asyncIterator]();
    assertEquals((await statuses.next()).value?.status, Status.SERVING);
    const closed = f.running.close();
    assertEquals((await statuses.next()).value?.status, Status.NOT_SERVING);
    await assertRejects(() => statuses.next(), RpcError, "the server is closing");
    await closed;
  });

  it("ends a watch whose caller leaves", async () => {
    await using f = await healthy();
    const controller = new AbortController();
    const watching = f.health.watch("", controller.signal);
    assertEquals((await watching.next()).value, "SERVING");
    const next = watching.next();
    controller.abort();
    assertEquals((await next).done, true);
  });

  it("may be added once", async () => {
    await using f = await healthy();
    await assertRejects(() => Promise.resolve().then(() => addHealth(f.server)), RpcError, "added already");
  });
});
