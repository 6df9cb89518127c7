import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { compile } from "../../idl/compile.ts";
import { memoryReader } from "../../idl/load.ts";
import differences from "./probe_differences.json" with { type: "json" };
import { PROBES } from "./probes.ts";

const REASONS: ReadonlyMap<string, string> = new Map(Object.entries(differences));

describe("the verdict on each probe", () => {
  for (const probe of PROBES) {
    const reason = REASONS.get(probe.name);
    const name = reason === undefined ? "is that of Thriftgo" : `differs from Thriftgo's: ${reason}`;
    it(`${probe.name} ${name}`, async () => {
      const { diagnostics } = await compile(["main.thrift"], memoryReader(probe.files));
      const verdict = diagnostics.some((d) => d.severity === "error") ? "reject" : "accept";
      assertEquals(verdict === probe.thriftgo, reason === undefined, `${verdict}: ${JSON.stringify(diagnostics)}`);
    });
  }
  it("lists no difference for a probe that is not there", () => {
    const names = PROBES.map((probe) => probe.name);
    assertEquals([...REASONS.keys()].filter((name) => !names.includes(name)), []);
  });
});
