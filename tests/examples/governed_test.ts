/**
 * Runs the example of governance, and holds what it prints against what each policy promises.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { runProgram } from "../run_program.ts";

describe("examples/governed", () => {
  it("shows what each policy does with a slow, a failing and a fine server", async () => {
    const { code, stdout, stderr } = await runProgram("examples/governed/main.ts");
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    const counts = new Map(stdout.trimEnd().split("\n").map(countsOf));
    const of = (title: string, outcome: string): number => counts.get(title)?.get(outcome) ?? 0;
    assertEquals([...counts.get("round robin") ?? []], [["fine", 10], ["internal", 10], ["slow", 10]]);
    assertEquals(of("timeout", "slow"), 0);
    assert(of("timeout", "timeout") >= 10, stdout);
    assert(of("breaker", "unavailable") > 15, stdout);
    assert(of("peak EWMA", "internal") <= 3, stdout);
    assert(of("peak EWMA", "fine") > of("peak EWMA", "slow"), stdout);
    assertEquals(of("ejection", "internal"), 2);
    assertEquals(of("retry, ejection", "internal"), 0);
    assert(of("limit", "overload") > 0, stdout);
    assertEquals([of("fallback", "internal"), of("fallback", "stand-in")], [0, 10]);
    for (const [title, outcomes] of counts) assertEquals([...outcomes.values()].reduce((a, b) => a + b, 0), 30, title);
  });
});

function countsOf(line: string): [title: string, outcomes: Map<string, number>] {
  const [title = "", told = ""] = line.split(":");
  const outcomes = told.trim().split(", ").map((each): [string, number] => {
    const [times = "", ...outcome] = each.split(" ");
    return [outcome.join(" "), Number(times)];
  });
  return [title, new Map(outcomes)];
}
