/**
 * Addresses as channelz has them: octets and a port, or a file's name.
 *
 * @module
 */
import type { Endpoint } from "../../../lib/io/raw.ts";
import type { MessageInitShape } from "../../protobuf/message_codec.ts";
import type { AddressSchema } from "../gen/grpc/channelz/v1/channelz_pb.ts";

/** An address; a host that is a name is one of another kind. */
export function addressOf(endpoint: Endpoint): MessageInitShape<typeof AddressSchema> {
  if ("path" in endpoint) return { address: { case: "udsAddress", value: { filename: endpoint.path } } };
  const { hostname, port } = endpoint;
  const ipAddress = ipOctets(hostname);
  return ipAddress === undefined
    ? { address: { case: "otherAddress", value: { name: `${hostname}:${port}` } } }
    : { address: { case: "tcpipAddress", value: { ipAddress, port } } };
}

/** The 4 or 16 octets of an IP address; `undefined` for any other text. */
export function ipOctets(text: string): Uint8Array | undefined {
  return text.includes(":") ? ipv6Octets(text.replace(/%.*$/, "")) : ipv4Octets(text);
}

function ipv4Octets(text: string): Uint8Array | undefined {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)
    ? Uint8Array.from(parts, Number)
    : undefined;
}

function ipv6Octets(text: string): Uint8Array | undefined {
  const halves = text.split("::").map((half) => half === "" ? [] : half.split(":").map(groupOctets));
  const [before, after] = halves.map((groups) => groups.flatMap((octets) => octets ?? [NaN]));
  if (halves.length > 2 || before === undefined) return undefined;
  const gap = 16 - before.length - (after?.length ?? 0);
  if (after === undefined ? gap !== 0 : gap < 2) return undefined;
  const all = [...before, ...new Array<number>(gap).fill(0), ...after ?? []];
  return all.some(Number.isNaN) ? undefined : Uint8Array.from(all);
}

/** Two octets in hexadecimal, or four as IPv4 writes them. */
function groupOctets(text: string): number[] | undefined {
  if (text.includes(".")) {
    const octets = ipv4Octets(text);
    return octets && [...octets];
  }
  if (!/^[0-9a-f]{1,4}$/i.test(text)) return undefined;
  const value = parseInt(text, 16);
  return [value >> 8, value & 255];
}
