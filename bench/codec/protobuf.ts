/**
 * The same struct as a message of `@bufbuild/protobuf`, from a descriptor made here instead of by its compiler.
 *
 * @module
 */
import {
  create,
  createFileRegistry,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  toBinary,
} from "@bufbuild/protobuf";
import { FieldDescriptorProto_Label, FieldDescriptorProto_Type, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { Order } from "./gen/order.ts";

/** Both ways. */
export interface Protobuf {
  /** Encodes the order given when it was made. */
  encode(): Uint8Array;
  /** Decodes what it encodes. */
  decode(): unknown;
}

/** Makes the message type and an order of it. */
export function protobuf(order: Order): Protobuf {
  const schema = orderType();
  const message = create(
    schema,
    {
      ...order,
      tags: Object.fromEntries(order.tags),
    } as Parameters<typeof create>[1],
  );
  const bytes = toBinary(schema, message);
  return { encode: () => toBinary(schema, message), decode: () => fromBinary(schema, bytes) };
}

function orderType(): DescMessage {
  const { BOOL, DOUBLE, INT32, INT64, MESSAGE, STRING } = FieldDescriptorProto_Type;
  const { OPTIONAL, REPEATED } = FieldDescriptorProto_Label;
  const field = (
    number: number,
    name: string,
    type: FieldDescriptorProto_Type,
    of?: string,
  ): Record<string, unknown> => ({
    number,
    name,
    jsonName: name,
    type,
    label: of !== undefined || name === "codes" ? REPEATED : OPTIONAL,
    ...(of === undefined ? {} : { typeName: of }),
  });
  const file = {
    name: "order.proto",
    package: "bench",
    syntax: "proto3",
    messageType: [
      {
        name: "Item",
        field: [field(1, "id", INT32), field(2, "name", STRING), field(3, "price", DOUBLE), field(4, "ok", BOOL)],
      },
      {
        name: "Order",
        field: [
          field(1, "id", INT64),
          field(2, "user", STRING),
          field(3, "kind", INT32),
          field(4, "flag", BOOL),
          field(5, "total", DOUBLE),
          field(6, "items", MESSAGE, ".bench.Item"),
          field(7, "tags", MESSAGE, ".bench.Order.TagsEntry"),
          field(8, "codes", INT32),
        ],
        nestedType: [{
          name: "TagsEntry",
          options: { mapEntry: true },
          field: [field(1, "key", STRING), field(2, "value", STRING)],
        }],
      },
    ],
  };
  const set = create(FileDescriptorSetSchema, { file: [file] } as MessageInitShape<typeof FileDescriptorSetSchema>);
  const message = createFileRegistry(set).getMessage("bench.Order");
  if (message === undefined) throw new Error("the descriptor has no Order");
  return message;
}
