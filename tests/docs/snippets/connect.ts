/**
 * What docs/connect.md shows: a service below an app of hono.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { createServer } from "@updraft/rpc";
import { connect } from "@updraft/rpc/connect";
import { createWebClient } from "@updraft/rpc/connect-web";
import { protobufService } from "@updraft/rpc/protobuf";
import { Hono } from "hono";
import { PbEcho } from "../../interop/gen/echo_pb.ts";
import { protoHandlers } from "../../interop/proto_handlers.ts";

const handlers = protoHandlers();

const echo = protobufService(PbEcho);
const rpc = createServer({ protocols: [connect()] }).add(echo, handlers);

const app = new Hono();
app.get("/", (context) => context.text("a page"));
app.all("/echo.pb.PbEcho/*", (context) => rpc.fetch(context.req.raw));

const send = ((url: string, init: RequestInit) => app.request(url, init)) as typeof fetch;
for (const protocol of ["connect", "grpc-web"] as const) {
  const client = createWebClient(echo, { to: "http://rpc.test", protocol, fetch: send });
  assertEquals((await client.echo({ msg: "ping" })).msg, "ping");
}
assertEquals(await (await app.request("http://rpc.test/")).text(), "a page");
