/**
 * Shows how far a command is: on a terminal one line that changes and is cleared in the end, else plain lines.
 *
 * @module
 */

/** Writes to `stream`; colours only on a terminal, and not if NO_COLOR is set in `env`. */
export function createScreen(stream, env) {
  const live = stream.isTTY === true && env.TERM !== "dumb";
  const colours = live && !env.NO_COLOR;
  const style = (code) => (text) => colours ? `\x1b[${code}m${text}\x1b[0m` : text;
  const clear = () => live && stream.write("\r\x1b[K");
  const dim = style(2);
  return {
    bold: style(1),
    dim,
    good: style(32),
    bad: style(31),
    /** What is being done; the next call of any kind replaces it. Off a terminal it is not shown: `line` is. */
    now(text) {
      if (live) stream.write(`\r\x1b[K${dim(text.slice(0, (stream.columns || 80) - 1))}`);
    },
    /** What was done; stays. */
    line(text) {
      clear();
      stream.write(`${text}\n`);
    },
    /** Takes the changing line away. */
    stop: clear,
  };
}
