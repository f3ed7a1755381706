// One Vulkan driver for this process and its children: compared engines must run on one adapter.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import process from "node:process";
import { type AdapterChoice, chooseAdapter } from "../src/device/adapter.ts";
import { swiftShader } from "../src/device/swiftshader.ts";
import { givenIcd, systemIcds } from "../src/device/vulkan_loader.ts";
import { ConfigError, examine } from "../src/mod.ts";

export const drivers = ["auto", "lavapipe", "swiftshader"] as const;
export type DriverChoice = (typeof drivers)[number];

/**
 * Sets the variables that Vulkan's loader reads. `auto` keeps what the user set, or else takes the driver of the
 * adapter that halftone would choose.
 */
export async function pinDriver(driver: DriverChoice, device: AdapterChoice): Promise<void> {
  const icd = driver === "auto" ? givenIcd() ?? await icdOfAdapter(device) : await icdNamed(driver);
  if (icd === undefined) return;
  for (const name of ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"]) process.env[name] = icd;
}

async function icdNamed(driver: Exclude<DriverChoice, "auto">): Promise<string> {
  if (driver === "swiftshader") return (await swiftShader()).icd;
  const found = systemIcds().find((path) => /lvp|lavapipe/.test(basename(path)));
  if (found) return found;
  throw new ConfigError(
    "Cannot use lavapipe: the system has no driver manifest of it, expected one: install mesa-vulkan-drivers",
  );
}

/** Undefined if adapters have no manifest (no Vulkan), so that there is nothing to choose from. */
async function icdOfAdapter(device: AdapterChoice): Promise<string | undefined> {
  const chosen = chooseAdapter((await examine()).adapters, device);
  if (chosen?.source === "SwiftShader") return (await swiftShader()).icd;
  return chosen?.source.endsWith(".json") ? chosen.source : undefined;
}

/** File names of the drivers' libraries mapped by this process: proof of which driver computes. Linux only. */
export async function mappedDriverLibraries(): Promise<string[]> {
  if (process.platform !== "linux") return [];
  const mapped = readFileSync("/proc/self/maps", "utf8");
  const manifests = [...systemIcds(), givenIcd(), (await swiftShader().catch(() => undefined))?.icd];
  const libraries = manifests.flatMap((path) => path === undefined ? [] : libraryOf(path));
  return [...new Set(libraries)].filter((library) => mapped.includes(`/${library}`)).sort();
}

function libraryOf(manifest: string): string[] {
  try {
    return [basename(JSON.parse(readFileSync(manifest, "utf8")).ICD.library_path)];
  } catch {
    return []; // The loader skips unreadable manifests, too.
  }
}
