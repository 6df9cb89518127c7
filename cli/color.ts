/**
 * Whether what is printed has colours.
 *
 * `NO_COLOR` with any text turns them off (no-color.org). `FORCE_COLOR` turns them on where no terminal is seen, as in logs of CI
 * that show them; `FORCE_COLOR=0` turns them off. A terminal that is `dumb` has none.
 *
 * @module
 */
import type { OutStream, Platform } from "../lib/platform.ts";

/** Can colours be seen there, and are they wanted? */
export function hasColors(platform: Pick<Platform, "env">, out: Pick<OutStream, "isTerminal">): boolean {
  if ((platform.env("NO_COLOR") ?? "") !== "") return false;
  const forced = platform.env("FORCE_COLOR") ?? "";
  if (forced !== "") return forced !== "0" && forced !== "false";
  return out.isTerminal && platform.env("TERM") !== "dumb";
}
