/**
 * The tables at the end of the demo, as text.
 *
 * @module
 */

/**
 * One row a pair of runtimes.
 *
 * @param {{ client: string, server: string, ok: number, ways: number, calls: number, ms: number, p50: number | null, p99: number | null }[]} pairs
 */
export function pairTable(pairs, screen) {
  return table(
    ["client", "server", "ok", "calls/s", "p50", "p99"],
    pairs.map((pair) => [pair.client, pair.server, share(pair.ok, pair.ways, screen), ...figures(pair)]),
    screen,
  );
}

/** One row a way, over all pairs; `p50` and `p99` are the median of the pairs' figures. */
export function wayTable(ways, screen) {
  const rows = [...new Set(ways.map(({ way }) => way))].map((way) => {
    const all = ways.filter((one) => one.way === way);
    const good = all.filter(({ failed }) => !failed);
    const sum = (key) => good.reduce((total, one) => total + one[key], 0);
    const middle = (key) => median(good.map((one) => one[key]));
    const merged = { calls: sum("calls"), ms: sum("ms"), p50: middle("p50"), p99: middle("p99") };
    return [way, share(good.length, all.length, screen), ...figures(merged)];
  });
  return table(["way", "ok", "calls/s", "p50", "p99"], rows, screen);
}

function share(good, all, screen) {
  return { text: `${good}/${all}`, style: good === all ? screen.good : screen.bad };
}

function figures({ calls, ms, p50, p99 }) {
  const rate = ms > 0 ? Math.round(calls * 1000 / ms).toLocaleString("en-US") : "-";
  const time = (value) => value === null || value === undefined ? "-" : `${value.toFixed(2)} ms`;
  return [rate, time(p50), time(p99)];
}

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1];
}

/** Lines of columns; those after the first texts are aligned to the right, as numbers are. */
function table(head, rows, screen) {
  const cells = [head.map((text) => ({ text, style: screen.bold })), ...rows.map((row) => row.map(cell))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column].text.length)));
  const texts = head.indexOf("ok");
  return cells.map((row) => {
    const line = row.map(({ text, style }, column) => {
      const space = " ".repeat(widths[column] - text.length);
      return column < texts ? style(text) + space : space + style(text);
    });
    return `  ${line.join("  ")}`.trimEnd();
  }).join("\n");
}

function cell(value) {
  return typeof value === "string" ? { text: value, style: (text) => text } : value;
}
