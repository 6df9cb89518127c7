/**
 * Files of handlers: a constant with a stub for each method.
 *
 * @module
 */
import { Code, propertyName, quoted } from "../../idl/emit/code.ts";
import type { ScaffoldMethod, ScaffoldService } from "./model.ts";

/** What the stubs import, from the package. */
export const STUB_IMPORT = 'import { RpcError } from "@updraft/rpc";';

/** A new file of handlers. */
export function handlersFile(service: ScaffoldService, generated: string): string {
  const code = new Code();
  code.line(STUB_IMPORT);
  code.line(`import type { ${service.handlers} } from ${quoted(`../${generated}/${service.module}`)};`);
  code.line();
  code.doc(service.doc === "" ? `Handlers of ${service.name}.` : service.doc);
  code.open(`export const ${service.constant}: ${service.handlers} = {`);
  service.methods.forEach((method, i) => {
    if (i > 0) code.line();
    addStub(code, service, method, ",");
  });
  code.close("};");
  return code.text;
}

/** A stub as text at the indentation of an object's properties, with an end. */
export function stub(service: ScaffoldService, method: ScaffoldMethod): string {
  const code = new Code();
  code.deeper();
  addStub(code, service, method, ",");
  return code.text;
}

function addStub(code: Code, service: ScaffoldService, method: ScaffoldMethod, end: string): void {
  if (method.doc !== "") code.doc(method.doc);
  code.open(`${propertyName(method.key)}(${method.parameters.map((name) => `_${name}`).join(", ")}) {`);
  code.line(`throw new RpcError("unimplemented", ${quoted(`${service.name}.${method.name} is not written yet`)});`);
  code.close(`}${end}`);
}
