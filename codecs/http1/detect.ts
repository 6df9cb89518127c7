/**
 * Tells HTTP/1 from everything else by the first bytes of a connection.
 *
 * @module
 */
const METHODS = ["GET ", "HEAD ", "POST ", "PUT ", "PATCH ", "DELETE ", "OPTIONS ", "CONNECT ", "TRACE "];

/** Does a client that begins with `bytes` send an HTTP/1 request? `null` if there are too few to tell. */
export function detectHttp1(bytes: Uint8Array): boolean | null {
  let undecided = false;
  for (const method of METHODS) {
    const count = Math.min(bytes.length, method.length);
    let at = 0;
    while (at < count && bytes[at] === method.charCodeAt(at)) at++;
    if (at === method.length) return true;
    if (at === bytes.length) undecided = true;
  }
  return undecided ? null : false;
}
