/**
 * What a server says of calls that it cannot run, in words that tell their caller what to change.
 *
 * @module
 */
import { RpcError } from "../../lib/errors.ts";
import { decodeText } from "../../lib/io/text.ts";
import type { MethodEntry, MethodTable } from "../../lib/rpc/method_table.ts";
import type { PayloadKind } from "../../lib/schema/service.ts";

/** Of a name that came, errors show no more. */
const MAX_SHOWN_BYTES = 100;

/** No method was found by a name, of the service named in `bytes[serviceStart..serviceEnd]` if there is one. */
export function unknownMethod(
  methods: MethodTable,
  kind: PayloadKind,
  name: Uint8Array,
  bytes: Uint8Array,
  serviceStart: number,
  serviceEnd: number,
): RpcError {
  const method = decodeText(name.subarray(0, MAX_SHOWN_BYTES));
  const service = decodeText(bytes, serviceStart, Math.min(serviceEnd, serviceStart + MAX_SHOWN_BYTES));
  if (service !== "" && methods.has(service, kind)) {
    return new RpcError("unimplemented", `unknown method ${method} of service ${service}`, { code: 1 });
  }
  const served = methods.services.filter(({ payload }) => payload === kind).map((one) => one.name).join(", ");
  const there = served === "" ? `no ${kind} service is served` : `served: ${served}`;
  if (service === "") return new RpcError("unimplemented", `unknown method ${method} (${there})`, { code: 1 });
  return new RpcError("unimplemented", `unknown service ${service}, method ${method} (${there})`, { code: 20 });
}

/** The method streams, for which messages have no room. */
export function cannotStream({ service, method }: MethodEntry, framing: string): RpcError {
  const text = `${service.name}.${method.name} streams, which ${framing} messages cannot carry`;
  return new RpcError("unimplemented", text, { code: 1 });
}

/** The arguments cannot be read. */
export function argumentError({ service, method }: MethodEntry, reason: unknown): RpcError {
  const error = RpcError.from(reason, "protocol");
  return new RpcError("protocol", `arguments of ${service.name}.${method.name}: ${error.message}`);
}
