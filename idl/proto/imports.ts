/**
 * What a `.proto` file imports, found without parsing the rest of it.
 *
 * @module
 */

/** Comments, strings, words, and any other character. */
const TOKEN = /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[\w.]+|[^\s]/g;

/** The paths that a file imports, in order, each once. A file with errors gives what can be understood. */
export function importsOf(text: string): string[] {
  const paths = new Set<string>();
  let words: string[] = [];
  let depth = 0;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token.startsWith("//") || token.startsWith("/*")) continue;
    if (token === "{") depth++;
    if (token === "}") depth = Math.max(0, depth - 1);
    if (token === ";" || token === "{" || token === "}") {
      if (depth === 0) addImport(paths, words);
      words = [];
    } else if (words.length < 8) words.push(token);
  }
  return [...paths];
}

function addImport(paths: Set<string>, words: readonly string[]): void {
  const [first, ...rest] = words;
  if (first !== "import") return;
  const strings = rest[0] === "public" || rest[0] === "weak" || rest[0] === "option" ? rest.slice(1) : rest;
  if (strings.length > 0 && strings.every((word) => /^["']/.test(word))) {
    paths.add(strings.map((word) => word.slice(1, -1)).join(""));
  }
}
