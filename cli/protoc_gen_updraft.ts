#!/usr/bin/env node
/**
 * The program `protoc-gen-updraft`: a plugin of protoc and buf, a request on standard input, an answer on standard output.
 *
 * @module
 */
import { autoPlatform } from "../transports/auto_platform.ts";
import { runPlugin } from "./proto_plugin.ts";

const platform = await autoPlatform();
platform.setExitCode(await runPlugin(platform));
