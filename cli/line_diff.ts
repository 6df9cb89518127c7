/**
 * The difference of two texts in the unified format of `diff -u` and `git`.
 *
 * Lines that both texts have exactly once are the anchors between which the rest is compared (patience diff), so that the
 * time stays near linear in the number of lines.
 *
 * @module
 */

/** Lines of context around a change. */
const CONTEXT = 3;

/** A run of lines `[from, to)` of both texts; equal ones are as long on both sides. */
interface Run {
  readonly same: boolean;
  readonly a: readonly [from: number, to: number];
  readonly b: readonly [from: number, to: number];
}

/** What to do to turn `before` into `after`; the empty text if they are equal. Both are named in the head. */
export function lineDiff(before: string, after: string, nameBefore: string, nameAfter: string): string {
  if (before === after) return "";
  const a = linesOf(before);
  const b = linesOf(after);
  const runs: Run[] = [];
  compare(a, b, runs);
  return `--- ${nameBefore}\n+++ ${nameAfter}\n${hunksOf(runs).map((hunk) => printHunk(hunk, a, b)).join("")}`;
}

/** Lines with their ends. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function compare(a: readonly string[], b: readonly string[], runs: Run[]): void {
  const open: (readonly [a0: number, a1: number, b0: number, b1: number])[] = [[0, a.length, 0, b.length]];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    let [a0, a1, b0, b1] = part;
    const [startA, startB] = [a0, b0];
    while (a0 < a1 && b0 < b1 && a[a0] === b[b0]) [a0, b0] = [a0 + 1, b0 + 1];
    add(runs, { same: true, a: [startA, a0], b: [startB, b0] });
    const [endA, endB] = [a1, b1];
    while (a1 > a0 && b1 > b0 && a[a1 - 1] === b[b1 - 1]) [a1, b1] = [a1 - 1, b1 - 1];
    // taken up again as a part of its own, when what is before it has been dealt with
    if (a1 < endA) open.push([a1, endA, b1, endB]);
    const anchor = a0 < a1 && b0 < b1 ? anchors(a, b, a0, a1, b0, b1) : [];
    if (anchor.length === 0) {
      add(runs, { same: false, a: [a0, a1], b: [b0, b1] });
      continue;
    }
    let [lastA, lastB] = [a1, b1];
    for (const [x, y] of anchor.reverse()) {
      open.push([x, lastA, y, lastB]);
      [lastA, lastB] = [x, y];
    }
    open.push([a0, lastA, b0, lastB]);
  }
}

/** Adds a run, or lengthens the last one of its kind. */
function add(runs: Run[], run: Run): void {
  if (run.a[0] === run.a[1] && run.b[0] === run.b[1]) return;
  const last = runs.at(-1);
  if (last?.same !== run.same) runs.push(run);
  else runs[runs.length - 1] = { same: run.same, a: [last.a[0], run.a[1]], b: [last.b[0], run.b[1]] };
}

/** The longest chain of lines that each part has exactly once, in both in the same order. */
function anchors(
  a: readonly string[],
  b: readonly string[],
  a0: number,
  a1: number,
  b0: number,
  b1: number,
): (readonly [number, number])[] {
  const inA = onceIn(a, a0, a1);
  const inB = onceIn(b, b0, b1);
  const pairs: { x: number; y: number; before: number }[] = [];
  const ends: number[] = []; // ends[n]: the pair with the least y that ends a chain of n + 1
  for (const [line, x] of inA) {
    const y = inB.get(line) ?? -1;
    if (x < 0 || y < 0) continue;
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[ends[middle] ?? 0]?.y ?? 0) < y) low = middle + 1;
      else high = middle;
    }
    pairs.push({ x, y, before: low > 0 ? ends[low - 1] ?? -1 : -1 });
    ends[low] = pairs.length - 1;
  }
  const chain: (readonly [number, number])[] = [];
  for (let at = pairs[ends.at(-1) ?? -1]; at !== undefined; at = pairs[at.before]) chain.push([at.x, at.y]);
  return chain.reverse();
}

/** Where each line is, or -1 if it is there more than once. */
function onceIn(lines: readonly string[], from: number, to: number): Map<string, number> {
  const found = new Map<string, number>();
  for (let i = from; i < to; i++) found.set(lines[i] ?? "", found.has(lines[i] ?? "") ? -1 : i);
  return found;
}

/** Groups of runs that are parted by more unchanged lines than are shown. */
function hunksOf(runs: readonly Run[]): Run[][] {
  const hunks: Run[][] = [];
  let hunk: Run[] = [];
  runs.forEach((run, i) => {
    if (!run.same) return void hunk.push(run);
    const length = run.a[1] - run.a[0];
    const tail = hunk.length > 0 ? Math.min(CONTEXT, length) : 0;
    const head = i < runs.length - 1 ? Math.min(CONTEXT, length) : 0;
    if (hunk.length > 0 && tail + head >= length && i < runs.length - 1) return void hunk.push(run);
    if (hunk.length > 0) {
      hunk.push({ same: true, a: [run.a[0], run.a[0] + tail], b: [run.b[0], run.b[0] + tail] });
      hunks.push(hunk);
      hunk = [];
    }
    if (head > 0) hunk.push({ same: true, a: [run.a[1] - head, run.a[1]], b: [run.b[1] - head, run.b[1]] });
  });
  if (hunk.some((run) => !run.same)) hunks.push(hunk);
  return hunks;
}

function printHunk(hunk: readonly Run[], a: readonly string[], b: readonly string[]): string {
  const first = hunk[0];
  const last = hunk.at(-1);
  if (first === undefined || last === undefined) return "";
  let out = `@@ -${range(first.a[0], last.a[1])} +${range(first.b[0], last.b[1])} @@\n`;
  for (const run of hunk) {
    if (run.same) out += print(" ", a, run.a);
    else out += print("-", a, run.a) + print("+", b, run.b);
  }
  return out;
}

function range(from: number, to: number): string {
  return `${to > from ? from + 1 : from},${to - from}`;
}

function print(mark: string, lines: readonly string[], [from, to]: readonly [number, number]): string {
  return lines.slice(from, to).map((line) =>
    line.endsWith("\n") ? mark + line : `${mark}${line}\n\\ No newline at end of file\n`
  ).join("");
}
