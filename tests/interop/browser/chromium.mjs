/**
 * Lets pages in a headless Chromium call a server: `chromium.mjs PROGRAM PAGES ADDRESS [--tls]`, where PAGES is the address of
 * `page_server.mjs` and `http://PAGES` the origin that the server allows.
 *
 * @module
 */
import { chromium } from "playwright-core";

const [executablePath, pages, address, tls] = process.argv.slice(2);
const url = `${tls ? "https" : "http"}://${address}`;
const port = pages.split(":")[1];
/** From other origins, all of them: the second is not allowed. */
const VISITS = [[`http://${pages}/`, tls ? "ours" : "all"], [`http://localhost:${port}/`, "stranger"]];
/** What a page may take until it is there. */
const LOAD_MS = 30_000;
/** What the browser may take to end. */
const END_MS = 10_000;

const counts = { PASS: 0, FAIL: 0 };
function print(line) {
  const word = line.slice(0, 4);
  if (word in counts) {
    counts[word]++;
    console.log(line);
  }
}

/** Runs the cases in a page; gives the versions of HTTP that its calls went by. */
async function visit(browser, page, which) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const tab = await context.newPage();
  const devtools = await context.newCDPSession(tab);
  const versions = new Set();
  devtools.on("Network.responseReceived", ({ response }) => {
    if (response.url.startsWith(url)) versions.add(response.protocol);
  });
  await devtools.send("Network.enable");
  await tab.goto(page, { timeout: LOAD_MS });
  await tab.waitForFunction(() => "check" in globalThis, undefined, { timeout: LOAD_MS });
  for (const line of await tab.evaluate(([which, url]) => globalThis.check(which, url), [which, url])) print(line);
  await context.close();
  return [...versions].join(" ");
}

// Root, as in containers, has no sandbox.
const server = await chromium.launchServer({ executablePath, args: ["--no-sandbox"], timeout: LOAD_MS });
try {
  const browser = await chromium.connect(server.wsEndpoint(), { timeout: LOAD_MS });
  for (const [page, which] of VISITS) {
    const versions = await visit(browser, page, which);
    if (which === "stranger") continue;
    const expected = tls ? "h2" : "http/1.1";
    print(versions === expected ? `PASS calls by ${expected}` : `FAIL calls by ${expected}: they went by ${versions}`);
  }
} finally {
  // It ends what it has started; if it does not, all of that is killed.
  const late = setTimeout(() => server.kill(), END_MS);
  await server.close();
  clearTimeout(late);
}
console.log(`${counts.PASS} passed, ${counts.FAIL} failed`);
process.exitCode = counts.FAIL > 0 ? 1 : 0;
