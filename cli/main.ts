#!/usr/bin/env node
/**
 * The program `updraft`.
 *
 * @module
 */
import { autoPlatform } from "../transports/auto_platform.ts";
import { run } from "./run.ts";

const platform = await autoPlatform();
platform.setExitCode(await run(platform));
