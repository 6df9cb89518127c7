/**
 * Annotations of fields that change their JSON, as Kitex reads them.
 *
 * @module
 */
import type { FieldSchema } from "../../lib/schema/types.ts";

/** The name of a field in JSON: that of `go.tag = 'json:"name,omitempty"'`, if there is one and tags count, or its own. */
export function jsonName(field: FieldSchema, goTags: boolean): string {
  if (!goTags) return field.name;
  for (const tag of field.annotations?.["go.tag"] ?? []) {
    const name = /(?:^|\s)json:"([^",]+)/.exec(tag.replaceAll('\\"', '"'))?.[1];
    if (name !== undefined) return name;
  }
  return field.name;
}

/** True if the i64s in a field are strings in JSON; whatever the value of the annotation is. */
export function wantsString(field: FieldSchema): boolean {
  return field.annotations?.["api.js_conv"] !== undefined;
}
