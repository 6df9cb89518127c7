/**
 * What docs/generic_calls.md shows beside examples/generic.ts.
 *
 * @module
 */
import { createClient, createServer } from "@updraft/rpc";
import { genericService, jsonCodec, parseJson, rawService, stringifyJson } from "@updraft/rpc/generic";
import { loadSchemas, memoryReader } from "@updraft/rpc/idl";
import { assertEquals, assertThrows } from "@std/assert";

const idl = "struct Point { 1: i8 x, 2: i64 id } service Map { Point mirror(1: Point p) }";
const schemas = await loadSchemas(["map.thrift"], memoryReader({ "map.thrift": idl }));

const point = jsonCodec(schemas.struct("Point")!, { form: "text" });
const bytes = point.encode('{"x": 5, "id": 9223372036854775807}');
console.log(point.decode(bytes)); // {"x":5,"id":9223372036854775807}
assertEquals(point.decode(bytes), '{"x":5,"id":9223372036854775807}');
assertThrows(() => point.encode('{"x": 300}'), Error, "Point.x: expected an integer from -128 to 127, got 300");

const value = parseJson('{"id": 9223372036854775807}');
console.log(stringifyJson(value)); // {"id":9223372036854775807}
assertEquals(stringifyJson(value), '{"id":9223372036854775807}');

const GenericMap = genericService<"mirror">(schemas.service("Map")!);
const backend = await createServer()
  .add(GenericMap, { mirror: (p) => p })
  .listen({ hostname: "127.0.0.1", port: 0 });

const RawMap = rawService<"mirror">(schemas.service("Map")!);
const upstream = createClient(RawMap, { to: backend.address });
const proxy = await createServer()
  .add(RawMap, { mirror: (args) => upstream.mirror(args) })
  .listen({ hostname: "127.0.0.1", port: 0 });

const client = createClient(GenericMap, { to: proxy.address });
assertEquals(await client.mirror({ x: 1, id: "2" }), { x: 1, id: 2n });
await client.close();
await proxy.close();
await upstream.close();
await backend.close();
