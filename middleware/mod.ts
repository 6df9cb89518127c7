/**
 * Middleware for clients and servers: one policy a file.
 *
 * ```ts ignore
 * import { createServer } from "@updraft/rpc";
 * import { validate } from "@updraft/rpc/middleware";
 * import { Shop, ShopValidators } from "./gen/shop.ts";
 *
 * createServer({ use: [validate(ShopValidators)] }).add(Shop, handlers);
 * ```
 *
 * @module
 */
export type { MethodValidators, ServiceValidators, Validator, Violation } from "../lib/schema/violation.ts";
export { validate, type ValidateOptions, ViolationError, violationsOf } from "./validate.ts";
