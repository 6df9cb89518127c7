/**
 * Listens on the path given until it is killed; says so in one line.
 *
 * @module
 */
import { auto } from "../../transports/auto.ts";
import { autoPlatform } from "../../transports/auto_platform.ts";

const platform = await autoPlatform();
await auto().listen({ path: platform.args[0]! }, (conn) => conn.abort());
await platform.stdout.write("listening\n");
