/**
 * The comments that describe services and their methods.
 *
 * @module
 */
import type { DescFile, DescMethod, DescService } from "@bufbuild/protobuf";

/** Numbers of the fields `service` of a file and `method` of a service, of which paths to comments are made. */
const SERVICE = 6;
const METHOD = 2;

/** The text that describes a service or a method: the comment above it, else the one behind it. */
export function commentOf(desc: DescService | DescMethod): string | undefined {
  const path = pathTo(desc).join();
  const file: DescFile = desc.kind === "service" ? desc.file : desc.parent.file;
  const location = file.proto.sourceCodeInfo?.location.find((location) => location.path.join() === path);
  if (location === undefined) return undefined;
  const text = location.leadingComments.trim() === "" ? location.trailingComments : location.leadingComments;
  const lines = text.split("\n").map((line) => line.replace(/^ /, "").trimEnd());
  return lines.join("\n").replace(/^\n+/, "").trimEnd() || undefined;
}

function pathTo(desc: DescService | DescMethod): number[] {
  if (desc.kind === "service") return [SERVICE, desc.file.services.indexOf(desc)];
  return [...pathTo(desc.parent), METHOD, desc.parent.methods.indexOf(desc)];
}
