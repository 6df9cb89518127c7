/**
 * The smallest service, and a client that calls it.
 *
 * @module
 */
import { createClient, createServer } from "@updraft/rpc";
import { Hello } from "./gen/hello.ts"; // from: updraft gen idl/hello.thrift -o gen

await using server = await createServer()
  .add(Hello, { hello: ({ name }) => ({ text: `hello ${name}` }) })
  .listen({ hostname: "127.0.0.1", port: 0 });

await using client = createClient(Hello, { to: server.address, timeoutMs: 5_000 });
const { text } = await client.hello({ name: "Ada" });
console.log(text);
