/**
 * Which runtime this is.
 *
 * @module
 */

/** The runtime as its user agent tells; Node 20, which has none, counts as Node. */
export function runtimeName(): "deno" | "bun" | "node" {
  const agent = (globalThis as { navigator?: { userAgent?: string } }).navigator?.userAgent ?? "";
  const name = agent.slice(0, agent.indexOf("/")).toLowerCase();
  return name === "deno" || name === "bun" ? name : "node";
}
