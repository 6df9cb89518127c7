/**
 * A port that demands a client certificate, and one that serves TLS and plain connections alike.
 *
 * @module
 */
import { createClient, createServer } from "@updraft/rpc";
import { ca, serverCert, serverKey } from "./certificates.ts";
import { clientCert, clientKey } from "./client_certificate.ts";
import { Greeter } from "./gen/greeter.ts";
import { greeter } from "./handlers.ts";

const server = createServer().add(Greeter, greeter());
await using strict = await server.listen({
  hostname: "127.0.0.1",
  port: 0,
  tls: { cert: serverCert, key: serverKey, ca, clientCertificate: "require" },
});
await using lenient = await server.listen({
  hostname: "127.0.0.1",
  port: 0,
  tls: { cert: serverCert, key: serverKey, detect: true }, // TLS is told by its first byte
});

const tls = { ca, serverName: "localhost" };
await using known = createClient(Greeter, {
  to: strict.address,
  timeoutMs: 5_000,
  tls: { ...tls, cert: clientCert, key: clientKey },
});
console.log(`with a certificate: ${(await known.hello({ name: "Ada" })).text}`);

await using unknown = createClient(Greeter, { to: strict.address, timeoutMs: 5_000, tls });
await unknown.hello({ name: "Eve" }).catch(() => console.log("without one: refused"));

await using secure = createClient(Greeter, { to: lenient.address, timeoutMs: 5_000, tls });
console.log(`over TLS: ${(await secure.hello({ name: "Ada" })).text}`);
await using plain = createClient(Greeter, { to: lenient.address, timeoutMs: 5_000 });
console.log(`plain: ${(await plain.hello({ name: "Ada" })).text}`);
