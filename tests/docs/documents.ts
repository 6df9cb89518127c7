/**
 * The documents of the repository, and what they are made of.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import { ROOT } from "../run_program.ts";

/** A fenced block of a document. */
export interface Block {
  /** The document's path from the root. */
  readonly path: string;
  /** Line of its first fence, from 1. */
  readonly line: number;
  /** The language named behind the fence. */
  readonly language: string;
  /** Its text. */
  readonly text: string;
}

/** Paths of all documents, from the root. */
export function documents(): string[] {
  const names = readdirSync(`${ROOT}/docs`).filter((name) => name.endsWith(".md")).sort();
  return ["README.md", ...names.map((name) => `docs/${name}`)];
}

/** The text of a file. */
export function textOf(path: string): string {
  return readFileSync(`${ROOT}/${path}`, "utf8");
}

/** The fenced blocks of a document. */
export function blocksOf(path: string): Block[] {
  const blocks: Block[] = [];
  let open: { line: number; language: string; lines: string[] } | undefined;
  textOf(path).split("\n").forEach((line, i) => {
    const fence = /^```(\w*)/.exec(line);
    if (!fence) open?.lines.push(line);
    else if (open === undefined) open = { line: i + 1, language: fence[1]!, lines: [] };
    else {
      blocks.push({ path, line: open.line, language: open.language, text: open.lines.join("\n") });
      open = undefined;
    }
  });
  return blocks;
}

/** The files directly in a folder whose names fit, as paths from the root. */
export function filesIn(folder: string, fits: RegExp): string[] {
  const names = readdirSync(`${ROOT}/${folder}`).filter((name) => fits.test(name)).sort();
  return names.map((name) => `${folder}/${name}`);
}

/** Names of the properties of an interface that is exported somewhere under `lib/` or `codecs/`. */
export function propertiesOf(name: string): string[] {
  const body = new RegExp(`export interface ${name}\\b[^{]*\\{\\n([\\s\\S]*?)\\n\\}`);
  const files = ["lib", "codecs"].flatMap((folder) =>
    readdirSync(`${ROOT}/${folder}`, { recursive: true }).map((path) => `${folder}/${path}`)
  ).filter((path) => path.endsWith(".ts"));
  const found = files.map((path) => body.exec(textOf(path))?.[1]).filter((text) => text !== undefined);
  if (found.length !== 1) throw new Error(`${found.length} files export an interface ${name}`);
  return [...found[0]!.matchAll(/^ {2}readonly (\w+)\??:/gm)].map((match) => match[1]!);
}
