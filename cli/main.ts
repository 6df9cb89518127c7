#!/usr/bin/env node
/**
 * The program `updraft`.
 *
 * @module
 */
import { autoPlatform } from "../transports/auto_platform.ts";
import { run } from "./run.ts";

const platform = await autoPlatform();
// what a plugin left running must not keep it from ending
platform.exit(await run(platform));
