// The Vulkan loader (libvulkan.so.1) and the drivers that it finds. Dawn opens the loader by its bare name, so a
// machine without one needs a copy already loaded in the process: glibc then matches it by its soname.
import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { DeviceError } from "../error.ts";

const soname = "libvulkan.so.1";
/** glibc's and musl's RTLD_NOW | RTLD_NODELETE. */
const stayLoaded = 0x2 | 0x1000;

type DenoLibraries = { dlopen(path: string, symbols: Record<never, never>): unknown };
const deno = (globalThis as { Deno?: DenoLibraries }).Deno;
/** Deno unloads a library when its handle is collected. */
const held: unknown[] = [];

/** True if Dawn can open a Vulkan loader by name, or needs none (Metal, Direct3D). */
export function hasLoader(): boolean {
  return process.platform !== "linux" || tryLoad(soname) === undefined;
}

/** Loads the loader at `path` for the life of the process; later look-ups by name find it. */
export function holdLoader(path: string): void {
  const why = tryLoad(path);
  if (why) throw new DeviceError(`Cannot load the Vulkan loader "${path}": ${why}`);
}

/** Undefined if the library is loaded for good, else the reason. */
function tryLoad(path: string): string | undefined {
  try {
    if (deno) held.push(deno.dlopen(path, {}));
    else process.dlopen({ exports: {} }, path, stayLoaded);
  } catch (error) {
    const message = (error as Error).message;
    // Node requires an addon and closes the library, but NODELETE has already pinned it.
    return !deno && message.includes("did not self-register") ? undefined : message;
  }
}

const variables = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"] as const;

/** The driver manifests that the user's environment variable names. */
export function givenIcd(): string | undefined {
  return variables.map((name) => process.env[name]).find((value) => value);
}

/** Throws if a variable names no file: the loader would silently find no driver. */
export function requireGivenIcd(): void {
  for (const name of variables) {
    const value = process.env[name];
    const paths = value?.split(delimiter).filter((path) => path !== "") ?? [];
    if (paths.length === 0) continue;
    if (paths.some((path) => existsSync(path))) return;
    throw new DeviceError(
      `Cannot look for Vulkan drivers: ${name} is "${value}", which does not exist; unset it, or name the ` +
        "manifest of a driver",
    );
  }
}

/**
 * Runs `work` with the loader restricted to one driver manifest. The loader reads the variables while an
 * adapter is requested, in the synchronous part of the call, so they are restored on return and searches
 * do not interfere.
 */
export function withIcd<T>(icd: string | undefined, work: () => T): T {
  if (icd === undefined) return work();
  const saved = variables.map((name) => process.env[name]);
  for (const name of variables) process.env[name] = icd;
  try {
    return work();
  } finally {
    variables.forEach((name, i) => {
      if (saved[i] === undefined) delete process.env[name];
      else process.env[name] = saved[i];
    });
  }
}

/** The driver manifests that the system's loader would read, in its order. */
export function systemIcds(): string[] {
  if (process.platform !== "linux") return [];
  const { HOME = "/", XDG_CONFIG_HOME, XDG_CONFIG_DIRS, XDG_DATA_HOME, XDG_DATA_DIRS } = process.env;
  const roots = [
    XDG_CONFIG_HOME || join(HOME, ".config"),
    ...(XDG_CONFIG_DIRS || "/etc/xdg").split(":"),
    "/etc",
    XDG_DATA_HOME || join(HOME, ".local/share"),
    ...(XDG_DATA_DIRS || "/usr/local/share:/usr/share").split(":"),
  ];
  return [...new Set(roots)].flatMap((root) => manifestsIn(join(root, "vulkan/icd.d")));
}

function manifestsIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".json")).sort().map((name) =>
      join(folder, name)
    );
  } catch {
    return []; // Most folders on the loader's list do not exist.
  }
}

/** True for the manifests of drivers that are known to run on the CPU. */
export function isSoftwareIcd(icd: string): boolean {
  return /lvp|lavapipe|swiftshader/i.test(icd);
}
