// SwiftShader, a Vulkan driver that runs on the CPU, from the npm package "@sparticuz/chromium": WebGPU on machines
// without a driver and without root. Unpacked once into a cache folder, together with the Vulkan loader.
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { brotliDecompress } from "node:zlib";
import { DeviceError } from "../error.ts";
import { cacheFolder } from "./cache_folder.ts";
import { tarFiles } from "./tar.ts";

/** The unpacked driver: paths of its manifest and of the Vulkan loader, and the package's version. */
export type SwiftShader = { readonly icd: string; readonly loader: string; readonly version: string };

const packageName = "@sparticuz/chromium";
const wanted = ["libvk_swiftshader.so", "libvulkan.so.1", "vk_swiftshader_icd.json"] as const;
/** Lists the files' sizes; a folder whose files have other sizes is damaged. */
const sizesFile = "sizes.json";
/** The archive holds 14 MB; a file that expands to far more is not this archive. */
const maxArchiveBytes = 128 * 2 ** 20;

/** The driver, unpacked on first use. Throws DeviceError if the package is missing or not for this machine. */
export async function swiftShader(): Promise<SwiftShader> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new DeviceError(
      `Cannot use SwiftShader: the system is ${process.platform} ${process.arch}, expected linux x64`,
    );
  }
  const { archive, version } = installedArchive();
  return await unpackSwiftShader(archive, join(await cacheFolder(), `swiftshader-${version}`), version);
}

/** The package's archive, found from its entry point, because its exports hide everything else. */
function installedArchive(): { archive: string; version: string } {
  let folder: string;
  try {
    folder = dirname(createRequire(import.meta.url).resolve(packageName));
  } catch (cause) {
    throw new DeviceError(
      `Cannot use SwiftShader: the package "${packageName}" is not installed, run npm ci`,
      { cause },
    );
  }
  while (!existsSync(join(folder, "bin/swiftshader.tar.br"))) {
    if (dirname(folder) === folder) {
      throw new DeviceError(
        `Cannot use SwiftShader: "${packageName}" has no bin/swiftshader.tar.br, run npm ci`,
      );
    }
    folder = dirname(folder);
  }
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return { archive: join(folder, "bin/swiftshader.tar.br"), version };
}

/** Unpacks into `folder` unless that is complete. Safe if several processes do so at once. */
export async function unpackSwiftShader(
  archive: string,
  folder: string,
  version: string,
): Promise<SwiftShader> {
  const result = { icd: join(folder, wanted[2]), loader: join(folder, wanted[1]), version };
  if (await isWhole(folder)) return result;
  const staging = `${folder}.${randomUUID()}`;
  try {
    await mkdir(staging, { mode: 0o700 });
    await fill(staging, archive);
    await putInPlace(staging, folder);
  } catch (cause) {
    throw new DeviceError(`Cannot unpack "${archive}": ${(cause as Error).message}`, { cause });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return result;
}

async function fill(staging: string, archive: string): Promise<void> {
  const options = { maxOutputLength: maxArchiveBytes };
  const tar = await promisify(brotliDecompress)(await readFile(archive), options);
  const files = new Map(tarFiles(tar).map(({ name, bytes }) => [name, bytes]));
  const sizes: Record<string, number> = {};
  for (const name of wanted) {
    const bytes = files.get(name);
    if (!bytes) throw new DeviceError(`it has no "${name}", expected ${wanted.join(", ")}`);
    await writeFile(join(staging, name), bytes, { mode: 0o700 });
    sizes[name] = bytes.length;
  }
  await writeFile(join(staging, sizesFile), JSON.stringify(sizes));
}

/** A rename succeeds completely, or another process was first. */
async function putInPlace(staging: string, folder: string): Promise<void> {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      return await rename(staging, folder);
    } catch (cause) {
      if (await isWhole(folder)) return;
      const code = (cause as NodeJS.ErrnoException).code;
      if (code !== "ENOTEMPTY" && code !== "EEXIST") throw cause;
      await setAside(folder);
    }
  }
  throw new DeviceError(`"${folder}" is still damaged, delete it`);
}

/** Moves a damaged folder before deleting it, so that no process sees it half empty under its name. */
async function setAside(folder: string): Promise<void> {
  const aside = `${folder}.${randomUUID()}`;
  try {
    await rename(folder, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return; // another process repairs it too
    throw error;
  }
  await rm(aside, { recursive: true, force: true });
}

async function isWhole(folder: string): Promise<boolean> {
  try {
    const sizes: Record<string, number> = JSON.parse(await readFile(join(folder, sizesFile), "utf8"));
    const actual = await Promise.all(wanted.map(async (name) => (await stat(join(folder, name))).size));
    return wanted.every((name, i) => sizes[name] === actual[i]);
  } catch {
    return false; // Absent, half deleted or unreadable: all mean "unpack it".
  }
}
