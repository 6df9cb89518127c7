/**
 * The file of a unix socket: clearing one that a dead process left behind.
 *
 * @module
 */
import { lstat, unlink } from "node:fs/promises";
import net from "node:net";

/** Removes the socket file at `path` if nobody listens on it any more; gives true if it did. */
export async function removeStaleSocket(path: string): Promise<boolean> {
  const before = await lstat(path).catch(() => undefined); // gone meanwhile: nothing to remove
  if (before === undefined || !before.isSocket() || !await refused(path)) return false;
  const after = await lstat(path).catch(() => undefined);
  if (after === undefined || after.ino !== before.ino) return false; // someone else just took the path
  await unlink(path);
  return true;
}

function refused(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ path });
    socket.once("connect", () => {
      resolve(false);
      socket.destroy();
    });
    socket.on("error", (cause) => resolve((cause as NodeJS.ErrnoException).code === "ECONNREFUSED"));
  });
}
