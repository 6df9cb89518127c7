/**
 * The floor under everything that stands on `node:http2`: sends a request's bytes back as a gRPC answer. Prints
 * `listening on ADDRESS`.
 *
 * @module
 */
import { createServer } from "node:http2";

const server = createServer();
server.on("stream", (stream) => {
  const parts = [];
  stream.on("data", (part) => parts.push(part));
  stream.on("end", () => {
    if (stream.destroyed || stream.closed) return; // without this Bun throws when the client has left
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(parts.length === 1 ? parts[0] : Buffer.concat(parts));
  });
  stream.on("error", () => {}); // a client that leaves
});
server.on("sessionError", () => {});
server.listen(0, "127.0.0.1", () => console.log(`listening on 127.0.0.1:${server.address().port}`));
