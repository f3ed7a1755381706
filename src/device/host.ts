// What Linux reports about graphics hardware; on other systems nothing is known.
import { accessSync, constants, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

export type GpuVendor = "NVIDIA" | "AMD" | "Intel";

export type Host = {
  /** `linux x64`. */
  readonly platform: string;
  /** ID and VERSION_CODENAME of /etc/os-release: `debian bookworm`. */
  readonly distribution?: string;
  /** Vendors of the installed GPUs, with or without a driver. */
  readonly gpus: readonly GpuVendor[];
  /** GPU device files that this user may not open. */
  readonly closedDevices: readonly string[];
};

const vendors: Record<string, GpuVendor> = { "0x10de": "NVIDIA", "0x1002": "AMD", "0x8086": "Intel" };

export function examineHost(): Host {
  return {
    platform: `${process.platform} ${process.arch}`,
    distribution: distribution(),
    gpus: displayVendors(),
    closedDevices: filesIn("/dev/dri").filter((name) => name.startsWith("renderD")).map((name) =>
      join("/dev/dri", name)
    )
      .filter((path) => !canOpen(path)),
  };
}

function distribution(): string | undefined {
  const release = textOf("/etc/os-release");
  const field = (name: string) => new RegExp(`^${name}="?([^"\\n]*)`, "m").exec(release)?.[1];
  return [field("ID"), field("VERSION_CODENAME")].filter(Boolean).join(" ") || undefined;
}

/** PCI class 0x03 is "display controller", 0x12 "processing accelerator". */
function displayVendors(): GpuVendor[] {
  const folder = "/sys/bus/pci/devices";
  const found = filesIn(folder).filter((id) => /^0x(03|12)/.test(textOf(join(folder, id, "class"))))
    .map((id) => vendors[textOf(join(folder, id, "vendor")).trim()]);
  return [...new Set(found)].filter((vendor) => vendor !== undefined);
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // Not Linux, or a container that hides it.
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function canOpen(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
