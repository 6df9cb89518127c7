/**
 * Rules in the IDL: checked by a function, by a client before it sends, and by a server before the handler runs.
 *
 * @module
 */
import { createClient, createServer, type RpcError } from "@updraft/rpc";
import { validate } from "@updraft/rpc/middleware";
// from: updraft gen idl/guarded.thrift -o gen --plugin validator
import { Guarded, GuardedValidators, validateMember } from "./gen/guarded.ts";

for (const { path, message, rule } of validateMember({ name: "", age: 151 })) {
  console.log(`${path}: ${message} (${rule})`);
}

await using server = await createServer({ use: [validate(GuardedValidators)] })
  .add(Guarded, { join: ({ name }) => `welcome ${name}` })
  .listen({ hostname: "127.0.0.1", port: 0 });

const to = server.address;
await using careful = createClient(Guarded, { to, timeoutMs: 5_000, use: [validate(GuardedValidators)] });
await using careless = createClient(Guarded, { to, timeoutMs: 5_000 });

await careful.join({ name: "", age: 1 }).catch((error: RpcError) => console.log(`the client: ${error.kind}`));
await careless.join({ name: "", age: 1 }).catch((error: RpcError) => console.log(`the server: ${error.message}`));
console.log(await careful.join({ name: "Ada", age: 36 }));
