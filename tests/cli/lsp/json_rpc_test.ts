import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RpcPeer } from "../../../cli/lsp/json_rpc.ts";

describe("RpcPeer", () => {
  it("looks again when it was poked while it looked whether there is something to do", async () => {
    let looked = 0;
    const peer: RpcPeer = new RpcPeer({
      request: () => null,
      notify: () => {},
      log: () => {},
      idle: () => {
        if (++looked === 1) peer.poke();
        else peer.finish();
        return Promise.resolve();
      },
    }, () => Promise.resolve());
    await peer.run();
    assertEquals(looked, 2);
  });
});
