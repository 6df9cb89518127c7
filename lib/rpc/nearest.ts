/**
 * The known name that a mistyped one is likely to stand for.
 *
 * @module
 */

/** Letters of a name for each of which one may be wrong. */
const LETTERS_A_MISTAKE = 3;

/** The nearest of the candidates, `undefined` if none is near: no more than a third of the letters are wrong, missing or too many. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let found: string | undefined;
  let least = Math.max(1, Math.floor(name.length / LETTERS_A_MISTAKE)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= least) continue;
    const mistakes = mistakesBetween(name.toLowerCase(), candidate.toLowerCase());
    if (mistakes < least) [found, least] = [candidate, mistakes];
  }
  return found;
}

/** How many letters must be put in, left out, changed, or swapped with their neighbours to make one of the other. */
function mistakesBetween(one: string, other: string): number {
  // What the first so many letters of the one take for the first so many of the other, and the same of one letter less, and of two.
  let [line, above, higher]: number[][] = [Array.from({ length: other.length + 1 }, (_, column) => column), [], []];
  for (let row = 1; row <= one.length; row++) {
    [line, above, higher] = [[row], line!, above!];
    for (let column = 1; column <= other.length; column++) {
      const [letter, wanted] = [one[row - 1], other[column - 1]];
      let least = Math.min(above[column]!, line[column - 1]!, above[column - 1]! - (letter === wanted ? 1 : 0)) + 1;
      const isSwapped = column > 1 && letter === other[column - 2] && one[row - 2] === wanted;
      if (isSwapped) least = Math.min(least, higher[column - 2]! + 1);
      line.push(least);
    }
  }
  return line![other.length]!;
}
