/**
 * The service that every runtime serves in the demo, on a TCP port and on a unix socket at once.
 *
 * The generated code comes in as a value: the demo makes it anew each time, from `examples/idl/greeter.thrift`.
 *
 * @module
 */
import { createServer, type RunningServer } from "@updraft/rpc";

/** What `updraft gen` makes of the IDL. */
export type GreeterCode = typeof import("../gen/greeter.ts");

/** Serves on a port that the system chooses and on the socket at `path`; framed and buffered clients are told apart. */
export async function serve({ Greeter, NotFound }: GreeterCode, path: string): Promise<RunningServer[]> {
  const greetings: Record<string, string> = { en: "hello", de: "hallo", zh: "你好" };
  let notes = 0;
  const server = createServer({ onError: (error) => console.error(`${error.kind}: ${error.message}`) }).add(Greeter, {
    hello: ({ name, language }) => ({ text: `${greetings[language ?? "en"]} ${name}` }),
    add: (a, b) => a + b,
    note: () => void notes++,
    notes: () => notes,
    balance(id) {
      if (id !== "ada") throw new NotFound({ id, message: `no account ${id}` });
      return 2n ** 40n;
    },
  });
  return [await server.listen({ hostname: "127.0.0.1", port: 0 }), await server.listen({ path })];
}
