/**
 * Depth-first walk over a graph without recursion, so that long chains of includes, typedefs or constants are no danger.
 *
 * @module
 */

/** What a walk found. */
export interface WalkResult<T> {
  /** Every node reached, each after the nodes it leads to (where there is no cycle). */
  readonly order: readonly T[];
  /** Each cycle met, as the nodes on it; its last node leads to its first. */
  readonly cycles: readonly (readonly T[])[];
}

/** Walks from `roots` along `edges`; each node is visited once. */
export function walk<T>(roots: Iterable<T>, edges: (node: T) => Iterable<T>): WalkResult<T> {
  const order: T[] = [];
  const cycles: T[][] = [];
  const open = new Map<T, number>();
  const done = new Set<T>();
  const path: { node: T; rest: Iterator<T> }[] = [];
  const enter = (node: T): void => {
    open.set(node, path.length);
    path.push({ node, rest: edges(node)[Symbol.iterator]() });
  };
  for (const root of roots) {
    if (done.has(root)) continue;
    enter(root);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const step = top.rest.next();
      if (step.done === true) {
        path.pop();
        open.delete(top.node);
        done.add(top.node);
        order.push(top.node);
        continue;
      }
      const from = open.get(step.value);
      if (from !== undefined) cycles.push(path.slice(from).map((entry) => entry.node));
      else if (!done.has(step.value)) enter(step.value);
    }
  }
  return { order, cycles };
}
