// The folder for results that every process would otherwise recompute: unpacked drivers, measured kernel choices.
import { randomUUID } from "node:crypto";
import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import process from "node:process";
import { DeviceError } from "../error.ts";

/** The first of the customary cache folders that is writable; throws DeviceError naming them if none is. */
export async function cacheFolder(): Promise<string> {
  const { XDG_CACHE_HOME } = process.env;
  const places = [
    ...(XDG_CACHE_HOME && isAbsolute(XDG_CACHE_HOME) ? [join(XDG_CACHE_HOME, "halftone")] : []),
    join(homedir(), ".cache/halftone"),
    join(tmpdir(), `halftone-${process.getuid?.() ?? 0}`),
  ];
  for (const place of places) if (await isOurs(place)) return place;
  throw new DeviceError(
    `Cannot keep a cache: none of ${places.join(", ")} can be written, set XDG_CACHE_HOME`,
  );
}

/**
 * Native code is loaded from here, so a folder that another user made (in /tmp anybody can) is not trusted. Windows has
 * neither user ids nor such folders.
 */
async function isOurs(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const { uid, mode } = await stat(folder);
    if (process.getuid && (uid !== process.getuid() || mode & 0o002)) return false;
    const trial = join(folder, randomUUID());
    await writeFile(trial, "");
    await rm(trial);
    return true;
  } catch {
    return false; // Read-only or not a folder: the next one is tried; the error above names all of them.
  }
}
