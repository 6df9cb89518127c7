import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fileResolver } from "../../../lib/discovery/file.ts";
import type { RpcError } from "../../../lib/errors.ts";
import { autoPlatform } from "../../../transports/auto_platform.ts";
import { memoryPlatform } from "../../cli/memory_platform.ts";
import { ManualClock } from "../io/manual_clock.ts";
import { Heard } from "./heard.ts";

describe("fileResolver", () => {
  it("follows a real file, and keeps the list when the file makes no sense", async () => {
    const { files } = await autoPlatform();
    const folder = await files.makeTempDir("updraft-file-resolver-");
    const path = `${folder}/services.json`;
    const heard = new Heard();
    const write = (value: unknown): Promise<void> => files.write(path, JSON.stringify(value));
    await write({ echo: ["10.0.0.1:1", { address: "unix:/run/echo", weight: 5, tags: { idc: "north" } }], other: [] });
    const resolution = fileResolver({ path, files }).resolve({ name: "echo", tags: {} }, heard, new ManualClock());
    try {
      assertEquals(await heard.until(1), "10.0.0.1:1 unix:/run/echo");
      assertEquals(heard.instances[1]?.weight, 5);
      await write({ echo: ["10.0.0.2:1"] });
      await changed(heard, (told) => told === "10.0.0.2:1");
      await write({ echo: [{ address: "10.0.0.3:1", tags: { idc: 1 } }] });
      assertStringIncludes(await changed(heard, (told) => told.startsWith("!")), "echo[0]: tag idc is no text");
      assertEquals(heard.instances[0]?.address, "10.0.0.2:1");
      await write({});
      await changed(heard, (told) => told === "");
    } finally {
      resolution.close();
      await files.remove(folder);
    }
  });

  it("tells a content that makes no sense once, and follows it until it does", async () => {
    const path = "/etc/services.json";
    const { platform: { files }, edit } = memoryPlatform([], { [path]: "{" });
    const errors: string[] = [];
    const heard = new Heard();
    const onError = ({ message }: RpcError): void => void errors.push(message);
    const resolution = fileResolver({ path, files, onError })
      .resolve({ name: "echo", tags: {} }, heard, new ManualClock());
    await heard.until(1);
    edit(path, "{"); // as a file system tells one change twice
    await heard.until(2);
    assertEquals(errors.length, 1);
    edit(path, "[]");
    await heard.until(3);
    edit(path, '{ "echo": ["10.0.0.1:1"] }');
    assertEquals(await heard.until(4), "10.0.0.1:1");
    edit(path, "[]");
    await heard.until(5);
    assertEquals(errors.slice(1), [`${path} is no object of services`, `${path} is no object of services`]);
    resolution.close();
  });
});

/** Waits for a told text that fits; a file system may tell a change more than once. */
async function changed(heard: Heard, fits: (told: string) => boolean): Promise<string> {
  for (let n = heard.told.length;; n++) {
    const told = n === 0 ? "" : heard.told[n - 1]!;
    if (n > 0 && fits(told)) return told;
    await heard.until(n + 1);
  }
}
