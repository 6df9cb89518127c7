/**
 * `grpc-timeout`: up to eight digits and a unit.
 *
 * Spec: gRPC's PROTOCOL-HTTP2, "Timeout".
 *
 * @module
 */
const UNITS: readonly (readonly [string, number])[] = [
  ["n", 1e-6],
  ["u", 1e-3],
  ["m", 1],
  ["S", 1_000],
  ["M", 60_000],
  ["H", 3_600_000],
];
const MOST = 99_999_999;

/** Milliseconds as a field's value: rounded up, in the finest unit that has room for them. */
export function encodeTimeout(ms: number): string {
  if (!(ms > 0)) return "0n";
  for (const [unit, unitMs] of UNITS) {
    // Nanoseconds are finer than what is told apart here: 50 ms are to be 50000000 of them, and not one more.
    const count = Math.ceil(Number((ms / unitMs).toPrecision(12)));
    if (count <= MOST) return `${count}${unit}`;
  }
  return `${MOST}H`;
}

/** Milliseconds of a field's value; `undefined` if it is none. */
export function decodeTimeout(value: string): number | undefined {
  const found = /^(\d{1,8})([HMSmun])$/.exec(value);
  if (found === null) return undefined;
  return Number(found[1]) * UNITS.find(([unit]) => unit === found[2])![1];
}
