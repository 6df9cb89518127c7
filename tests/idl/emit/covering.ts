/**
 * Few combinations of choices in which every two choices meet.
 *
 * @module
 */

/** One choice of each. */
export type Combination<T> = { readonly [K in keyof T]: T[K] extends readonly (infer V)[] ? V : never };

/** Combinations such that each pair of choices of two names is in one of them; the same for the same choices. */
export function pairwise<T extends Readonly<Record<string, readonly unknown[]>>>(choices: T): Combination<T>[] {
  const names = Object.keys(choices);
  const sizes = names.map((name) => choices[name]!.length);
  const open = new Set<string>();
  names.forEach((_, a) => {
    for (let b = a + 1; b < names.length; b++) {
      for (let i = 0; i < sizes[a]!; i++) for (let j = 0; j < sizes[b]!; j++) open.add(pair(a, i, b, j));
    }
  });
  const combinations: Combination<T>[] = [];
  for (let [first] = open; first !== undefined; [first] = open) {
    const [a, i, b, j] = first.split(" ").map(Number) as [number, number, number, number];
    const chosen = new Map([[a, i], [b, j]]);
    // the rest one after the other, each as it meets most of what is still open
    for (let name = 0; name < names.length; name++) {
      if (chosen.has(name)) continue;
      const gains = Array.from(
        { length: sizes[name]! },
        (_, value) => [...chosen].filter(([other, its]) => open.has(pair(name, value, other, its))).length,
      );
      chosen.set(name, gains.indexOf(Math.max(...gains)));
    }
    for (const [x, i] of chosen) for (const [y, j] of chosen) open.delete(pair(x, i, y, j));
    combinations.push(
      Object.fromEntries(names.map((name, n) => [name, choices[name]![chosen.get(n)!]])) as Combination<T>,
    );
  }
  return combinations;
}

function pair(a: number, i: number, b: number, j: number): string {
  return a < b ? `${a} ${i} ${b} ${j}` : `${b} ${j} ${a} ${i}`;
}
