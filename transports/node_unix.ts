/**
 * The file of a unix socket: clearing one that a dead process left behind.
 *
 * @module
 */
import { lstat, unlink } from "node:fs/promises";
import net from "node:net";

/** Removes the socket file at `path` if nobody listens on it any more; gives true if the path is free now. */
export async function removeStaleSocket(path: string): Promise<boolean> {
  try {
    const before = await lstat(path);
    if (!before.isSocket() || !await refused(path)) return false;
    if ((await lstat(path)).ino !== before.ino) return false; // someone else just took the path
    await unlink(path);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return true; // its owner removed it just now
    throw cause;
  }
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
