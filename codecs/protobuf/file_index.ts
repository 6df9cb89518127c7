/**
 * Files of Protocol Buffers with all they import, found by name, by what they define, and by the extensions in them.
 *
 * @module
 */
import { type DescExtension, type DescFile, type DescMessage, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";

export type { DescFile };

/** Files and what they define. */
export class FileIndex {
  readonly #files = new Map<string, DescFile>();
  readonly #symbols = new Map<string, DescFile>();
  /** Extensions of a message by the message's full name, then by field number. */
  readonly #extensions = new Map<string, Map<number, DescFile>>();

  /** Takes in files and what they import. */
  constructor(files: Iterable<DescFile>) {
    for (const file of files) this.#add(file);
  }

  /** The file of a name such as `acme/echo.proto`. */
  file(name: string): DescFile | undefined {
    return this.#files.get(name);
  }

  /** The file that defines a full name: of a service, method, message, field, oneof, enum, enum value or extension. */
  fileOf(symbol: string): DescFile | undefined {
    return this.#symbols.get(symbol);
  }

  /** The file that extends a message by a field number. */
  fileOfExtension(message: string, number: number): DescFile | undefined {
    return this.#extensions.get(message)?.get(number);
  }

  /** The numbers by which a message is extended; `undefined` if there is no such message. */
  extensionNumbers(message: string): number[] | undefined {
    const numbers = this.#extensions.get(message);
    return numbers === undefined ? undefined : [...numbers.keys()].sort((a, b) => a - b);
  }

  #add(file: DescFile): void {
    const { name } = file.proto;
    if (this.#files.has(name)) return;
    this.#files.set(name, file);
    for (const imported of file.dependencies) this.#add(imported);
    for (const message of file.messages) this.#addMessage(message);
    for (const enumeration of file.enums) this.#addEnum(file, enumeration);
    for (const extension of file.extensions) this.#addExtension(extension);
    for (const service of file.services) {
      this.#symbols.set(service.typeName, file);
      for (const method of service.methods) this.#symbols.set(`${service.typeName}.${method.name}`, file);
    }
  }

  #addMessage(message: DescMessage): void {
    const { file, typeName } = message;
    this.#symbols.set(typeName, file);
    this.#extensionsOf(typeName);
    for (const { name } of [...message.fields, ...message.oneofs]) this.#symbols.set(`${typeName}.${name}`, file);
    for (const nested of message.nestedMessages) this.#addMessage(nested);
    for (const nested of message.nestedEnums) this.#addEnum(file, nested);
    for (const nested of message.nestedExtensions) this.#addExtension(nested);
  }

  #addEnum(file: DescFile, { typeName, values }: DescFile["enums"][number]): void {
    this.#symbols.set(typeName, file);
    // The values of an enum are named beside it, not in it.
    const scope = typeName.slice(0, typeName.lastIndexOf(".") + 1);
    for (const { name } of values) this.#symbols.set(scope + name, file);
  }

  #addExtension({ file, typeName, extendee, number }: DescExtension): void {
    this.#symbols.set(typeName, file);
    this.#extensionsOf(extendee.typeName).set(number, file);
  }

  #extensionsOf(message: string): Map<number, DescFile> {
    let numbers = this.#extensions.get(message);
    if (numbers === undefined) this.#extensions.set(message, numbers = new Map());
    return numbers;
  }
}

/** A file as a serialized `google.protobuf.FileDescriptorProto`. */
export function fileBytes(file: DescFile): Uint8Array {
  return toBinary(FileDescriptorProtoSchema, file.proto);
}
