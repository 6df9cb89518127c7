/**
 * What `npm run bench` measures: loads and servers, chosen by words, and how what came out is shown.
 *
 * @module
 */

/**
 * @typedef {object} Load What a server is put under.
 * @property {"framed" | "ttheader"} protocol
 * @property {"longpool" | "mux"} connections
 * @property {number} concurrency
 * @property {number} size Bytes of the text that is echoed.
 */

/**
 * @typedef {object} Run One load of one server.
 * @property {string} server
 * @property {number} load Which of the loads.
 * @property {number} round
 * @property {number} qps
 * @property {number} p50 Microseconds.
 * @property {number} p99 Microseconds.
 * @property {number} cpu Microseconds of the server's processor time a call.
 */

/** @type {Load[]} */
const LOADS = [];
for (const [protocol, connections] of [["ttheader", "mux"], ["ttheader", "longpool"], ["framed", "longpool"]]) {
  for (const concurrency of [1, 50, 200]) {
    for (const size of [100, 1024]) LOADS.push({ protocol, connections, concurrency, size });
  }
}

const RUNTIMES = ["deno", "bun", "node"];
/** Names of the servers, as words. Kitex is always there: it is what the others are held against. */
const SERVERS = [...RUNTIMES, ...RUNTIMES.map((runtime) => `apache-${runtime}`), "kitex"];

/**
 * The words of a load: a run can be asked for by any of them.
 *
 * @param {Load} load
 * @returns {string[]}
 */
const wordsOf = ({ protocol, connections, concurrency, size }) => [
  protocol,
  connections,
  `c${concurrency}`,
  size < 1024 ? `${size}b` : `${size / 1024}k`,
];

/**
 * The loads and servers that words choose: of each kind of word (protocol, connections, concurrency, size, server) those named,
 * or all if none is.
 *
 * @param {string[]} words
 * @returns {{ loads: Load[], servers: string[] } | { unknown: string, known: string[] }}
 */
export function choose(words) {
  const kinds = [0, 1, 2, 3].map((kind) => new Set(LOADS.map((load) => wordsOf(load)[kind])));
  const known = [...kinds.flatMap((kind) => [...kind]), ...SERVERS];
  const unknown = words.find((word) => !known.includes(word));
  if (unknown !== undefined) return { unknown, known };
  const named = kinds.map((kind) => words.filter((word) => kind.has(word)));
  const loads = LOADS.filter((load) =>
    wordsOf(load).every((word, kind) => named[kind].length === 0 || named[kind].includes(word))
  );
  const servers = SERVERS.filter((server) => words.includes(server));
  return { loads, servers: servers.length === 0 ? SERVERS : [...new Set([...servers, "kitex"])] };
}

/**
 * Prints what all servers did under one load.
 *
 * Ratios are taken within a round, where both met the same machine; shown are their median and their spread.
 *
 * @param {Load} load
 * @param {string[]} servers
 * @param {Run[]} runs Those of this load.
 */
export function print(load, servers, runs) {
  const { protocol, connections, concurrency, size } = load;
  const way = connections === "mux" ? `${concurrency} callers of shared connections` : `${concurrency} connections`;
  console.log(`\n${protocol}, ${way}, ${size} bytes; medians`);
  for (const server of servers) {
    const own = runs.filter((run) => run.server === server);
    if (own.length === 0) continue;
    const of = (key) => sorted(own.map((run) => run[key]))[own.length >> 1];
    const against = ["kitex", `apache-${server}`].filter((other) => runs.some((run) => run.server === other));
    const shown = server === "kitex" || server.startsWith("apache-") ? [] : against.map((other) => {
      const cpu = ratios(own, runs, other, "cpu");
      const qps = ratios(own, runs, other, "qps");
      return `  CPU ${spread(cpu)}, calls/s ${spread(qps)} of ${other}'s${
        other === "kitex" ? verdict(load, server, cpu, qps) : ""
      }`;
    });
    console.log(
      `  ${server.padEnd(12)} ${of("cpu").toFixed(2).padStart(6)} us a call ${String(of("qps")).padStart(7)} calls/s` +
        `  p50 ${String(of("p50")).padStart(5)} us  p99 ${String(of("p99")).padStart(5)} us${shown.join("")}`,
    );
  }
}

function ratios(own, runs, other, key) {
  const found = own.map((run) => {
    const rival = runs.find(({ server, round }) => server === other && round === run.round);
    return run[key] / rival[key];
  });
  return sorted(found);
}

function spread(values) {
  return `${middle(values).toFixed(2)} x (${values[0].toFixed(2)} to ${values.at(-1).toFixed(2)})`;
}

/** What is promised of a server under a load, and whether it holds. */
function verdict({ protocol, connections, concurrency }, server, cpu, qps) {
  if (protocol !== "ttheader" || concurrency !== 50) return "";
  const mux = connections === "mux";
  const most = mux ? 0.6 : server === "deno" ? 1.0 : 0.8;
  const held = middle(cpu) <= most && (!mux || middle(qps) >= 1);
  return `: ${held ? "keeps" : "MISSES"} CPU at most ${most} x${mux ? ", calls/s at least 1 x" : ""}`;
}

function sorted(values) {
  return values.sort((a, b) => a - b);
}

function middle(values) {
  return values[values.length >> 1];
}
