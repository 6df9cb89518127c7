import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { compareVersions } from "../../../idl/breaking/compare.ts";
import { applyBreakingSettings, readBreakingSettings } from "../../../idl/breaking/settings.ts";
import { compileText } from "../checks.ts";

/** Changes of every category: WIRE, WIRE_JSON and SOURCE, and a note. */
const OLD = "namespace go a struct A { 1: i32 a, 2: string b = 'x', 3: i32 c } enum E { A = 0 }";
const NEW = "namespace go b struct A { 4: i32 a, 2: binary b = 'y', 3: i32 d } enum E { A = 0 }";

async function apply(config: unknown): Promise<{ left: string[]; unused: number }> {
  const errors: string[] = [];
  const settings = readBreakingSettings(config, errors);
  assertEquals(errors, []);
  const [old, now] = await Promise.all([compileText(OLD), compileText(NEW)]);
  const { findings, unused } = applyBreakingSettings(compareVersions(old.value, now.value), settings);
  return { left: findings.map(({ rule, severity }) => `${severity} ${rule}`), unused: unused.length };
}

describe("settings of breaking changes", () => {
  it("report all categories, or those that are named", async () => {
    assertEquals((await apply(undefined)).left, [
      "error namespace-changed",
      "error field-renumbered",
      "warning default-changed",
      "error field-type-json",
      "error field-renamed",
    ]);
    assertEquals((await apply({ categories: ["WIRE"] })).left, ["error field-renumbered", "warning default-changed"]);
    assertEquals((await apply({ categories: ["WIRE_JSON"] })).left, ["error field-type-json", "error field-renamed"]);
  });
  it("change levels", async () => {
    assertEquals(
      (await apply({ rules: { UB3012: "off", "default-changed": "error", "field-renamed": "warn" } })).left,
      [
        "error field-renumbered",
        "error default-changed",
        "error field-type-json",
        "warning field-renamed",
      ],
    );
  });
  it("leave out what is known, by rule and by what changed, and tell what was of no use", async () => {
    const ignore = [
      { at: "A.c", reason: "r" },
      { rule: "UB2002", at: "A", reason: "r" },
      { rule: "field-renamed", at: "A.b", reason: "r" },
      { at: "namespace", reason: "no whole part" },
    ];
    assertEquals(await apply({ ignore }), {
      left: ["error namespace-changed", "error field-renumbered", "warning default-changed"],
      unused: 2,
    });
  });
  it("say what is wrong, all of it, and where", () => {
    const errors: string[] = [];
    readBreakingSettings({
      categorie: [],
      categories: ["WIRED"],
      rules: { "field-remove": "off", "field-removed": "maybe" },
      ignore: [{ at: 1, reason: "" }, { rule: "field-remove", at: "A", reason: "r", why: 1 }, 1],
    }, errors);
    assertEquals(errors, [
      'breaking: "categorie" is not known here, did you mean categories?',
      'breaking.categories[0]: expected "WIRE", "WIRE_JSON", "SOURCE", found "WIRED"',
      'breaking.rules: "field-remove" is not known here, did you mean field-removed?',
      'breaking.rules.field-removed: expected "off", "warn", "error", found "maybe"',
      "breaking.ignore[0].at: expected a string, found 1",
      'breaking.ignore[0]: expected "at": what changed, such as "User.name"',
      'breaking.ignore[0]: expected "reason": why this may change',
      'breaking.ignore[1]: "why" is not known here, there is rule, at, reason',
      'breaking.ignore[1].rule: "field-remove" is not known here, did you mean field-removed?',
      "breaking.ignore[2]: expected an object, found 1",
      'breaking.ignore[2]: expected "at": what changed, such as "User.name"',
      'breaking.ignore[2]: expected "reason": why this may change',
    ]);
    const other: string[] = [];
    readBreakingSettings({ categories: [], rules: { UB3001: "off", "field-removed": "warn" }, ignore: {} }, other);
    assertEquals(other, [
      "breaking.categories: expected at least one, or no list for all of them",
      'breaking.rules: "field-removed" is the same as "UB3001", remove one of them',
      "breaking.ignore: expected a list",
    ]);
  });
});
