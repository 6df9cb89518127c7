import { create, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { descriptorsOf, readDescriptorSet } from "../../../codecs/protobuf/descriptors.ts";
import { RpcError } from "../../../lib/errors.ts";
import { file_echo } from "../../interop/gen/echo_pb.ts";

describe("descriptors", () => {
  it("give the services of a set", () => {
    const set = toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [file_echo.proto] }));
    const { services, registry } = readDescriptorSet(set);
    assertEquals(services.map(({ fullName }) => fullName), ["echo.pb.PbEcho", "echo.pb.PbStream"]);
    assertEquals(registry.getEnum("echo.pb.Color")?.values.length, 4);
  });

  it("may come in any order, and twice", () => {
    const file = (name: string, ...dependency: string[]) => create(FileDescriptorProtoSchema, { name, dependency });
    const chain = Array.from({ length: 5_000 }, (_, i) => file(`${i}`, ...(i === 4_999 ? [] : [`${i + 1}`])));
    const { registry } = descriptorsOf([...chain, ...chain]);
    assertEquals([...registry.files].length, 5_000);
  });

  it("that do not fit together are refused", () => {
    assertThrows(() => readDescriptorSet(new Uint8Array([0xff])), RpcError, "not a descriptor set");
    const lost = create(FileDescriptorProtoSchema, { name: "a", dependency: ["b"] });
    assertThrows(() => descriptorsOf([lost]), RpcError, "descriptors do not fit together");
  });
});
