/**
 * What EndpointSlices of Kubernetes (`discovery.k8s.io/v1`) say of the servers of a service.
 *
 * @module
 */
import { RpcError } from "../../errors.ts";
import { createInstance, type Instance } from "../instance.ts";
import { fieldOf, listOf } from "../json_fields.ts";

/** The instances of one slice, and what is wrong with the rest. */
export interface SliceContent {
  /** Endpoints that are ready. */
  readonly instances: readonly Instance[];
  /** Why the others that should be there are not. */
  readonly errors: readonly RpcError[];
}

/** The name of an object; `undefined` if it has none. */
export function nameOf(object: unknown): string | undefined {
  const name = fieldOf(fieldOf(object, "metadata"), "name");
  return typeof name === "string" && name !== "" ? name : undefined;
}

/** The version an object or a list has; `undefined` if it has none. */
export function versionOf(object: unknown): string | undefined {
  const version = fieldOf(fieldOf(object, "metadata"), "resourceVersion");
  return typeof version === "string" && version !== "" ? version : undefined;
}

/** Reads a slice. `port` is a number, the name of a port, or `undefined` for the first. */
export function readSlice(slice: unknown, port: string | undefined): SliceContent {
  const errors: RpcError[] = [];
  const instances: Instance[] = [];
  const bad = (what: string): void =>
    void errors.push(new RpcError("protocol", `the slice ${nameOf(slice) ?? "without a name"} ${what}`));
  const number = portIn(slice, port);
  if (number === undefined) bad(port === undefined ? "has no port" : `has no port ${port}`);
  for (const endpoint of number === undefined ? [] : listOf(slice, "endpoints")) {
    // No word on it means ready; an endpoint that is on its way out is not.
    if (fieldOf(fieldOf(endpoint, "conditions"), "ready") === false) continue;
    // All addresses of an endpoint are the same server: the first is the one to use.
    const [hostname] = listOf(endpoint, "addresses");
    if (typeof hostname !== "string" || hostname === "") {
      bad("has an endpoint without an address");
      continue;
    }
    const [zone, node] = [fieldOf(endpoint, "zone"), fieldOf(endpoint, "nodeName")];
    instances.push(createInstance({
      address: { hostname, port: number! },
      tags: {
        ...(typeof zone === "string" ? { zone } : {}),
        ...(typeof node === "string" ? { node } : {}),
      },
    }));
  }
  return { instances, errors };
}

function portIn(slice: unknown, wanted: string | undefined): number | undefined {
  const ports = listOf(slice, "ports");
  const found = wanted === undefined
    ? ports[0]
    : ports.find((each) => fieldOf(each, "name") === wanted || String(fieldOf(each, "port")) === wanted);
  const port = fieldOf(found, "port");
  return typeof port === "number" && Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : undefined;
}
