#!/usr/bin/env node
/**
 * The program `thrift-gen-ts`: a plugin of thriftgo and of the kitex tool, a request on standard input, an answer on standard
 * output.
 *
 * @module
 */
import { autoPlatform } from "../transports/auto_platform.ts";
import { runThriftGen } from "./thrift_gen.ts";

const platform = await autoPlatform();
platform.setExitCode(await runThriftGen(platform));
