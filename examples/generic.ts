/**
 * A service described at run time: server and client without generated code, with JSON for arguments and answers.
 *
 * @module
 */
import { createClient, createServer } from "@updraft/rpc";
import { exceptionOf, GenericException, genericService } from "@updraft/rpc/generic";
import { loadSchemas, memoryReader } from "@updraft/rpc/idl";

const idl = `
  exception NotFound { 1: string id }
  struct Account { 1: string id, 2: i64 balance, 3: map<string, binary> keys }
  service Bank { Account find(1: string id) throws (1: NotFound missing) }
`;
const schemas = await loadSchemas(["bank.thrift"], memoryReader({ "bank.thrift": idl }));
const Bank = genericService<"find">(schemas.service("Bank")!);

await using server = await createServer().add(Bank, {
  find(id) {
    if (id !== "ada") throw exceptionOf(Bank, "NotFound", { id });
    return { id, balance: 9007199254740993n, keys: { main: "AQI=" } };
  },
}).listen({ hostname: "127.0.0.1", port: 0 });

await using client = createClient(Bank, { to: server.address, timeoutMs: 5_000 });
console.log(JSON.stringify(await client.find("ada"), (_, value) => typeof value === "bigint" ? `${value}` : value));
await client.find("bob").catch((error) => {
  if (error instanceof GenericException) console.log(`${error.name}: ${JSON.stringify(error.fields)}`);
});

const Text = genericService<"find">(schemas.service("Bank")!, { form: "text" });
await using texts = createClient(Text, { to: server.address, timeoutMs: 5_000 });
console.log(await texts.find('"ada"'));
