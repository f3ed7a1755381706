// What to install for a faster adapter, from the doctor's findings. Only lines that apply.
import { mesaVersion } from "./describe.ts";
import type { Facts } from "./facts.ts";
import type { GpuVendor } from "./host.ts";

/** The first Mesa whose lavapipe Dawn is known to accept; it refuses 22.3. */
const firstGoodMesa = 24;

const drivers: Record<GpuVendor, string> = {
  NVIDIA: "install NVIDIA's own driver with its Vulkan part (in a container: run it with " +
    "NVIDIA_DRIVER_CAPABILITIES=all and install libvulkan1)",
  AMD: "install Mesa's driver (Debian, Ubuntu: apt install mesa-vulkan-drivers)",
  Intel: "install Mesa's driver (Debian, Ubuntu: apt install mesa-vulkan-drivers)",
};

/** Advice, the most effective first. */
export function adviceFor(facts: Facts): string[] {
  const hardware = facts.adapters.some(({ software }) => !software);
  return [
    ...packageAdvice(facts),
    ...environmentAdvice(facts),
    ...(hardware ? [] : [...hardwareAdvice(facts), ...softwareAdvice(facts)]),
    ...(facts.loader ? [] : ["Install the Vulkan loader: apt install libvulkan1 (Fedora: vulkan-loader)"]),
  ];
}

function environmentAdvice({ givenIcd, chosen }: Facts): string[] {
  if (!givenIcd || chosen) return [];
  return [`VK_DRIVER_FILES or VK_ICD_FILENAMES names "${givenIcd}", which has no adapter: unset it`];
}

function packageAdvice({ packages, adapters }: Facts): string[] {
  const none = adapters.length === 0;
  return [
    ...(packages.webgpu ? [] : ["The package webgpu (Dawn) is missing: run npm ci"]),
    ...(none && !packages["@sparticuz/chromium"]
      ? ["The package @sparticuz/chromium, a driver for machines without one, is missing: run npm ci"]
      : []),
    ...(none && !packages["gpu.js"]
      ? ["The package gpu.js, which runs models without an adapter, is missing: run npm ci"]
      : []),
  ];
}

function hardwareAdvice({ host }: Facts): string[] {
  const closed = host.closedDevices.length > 0
    ? [
      `You may not open ${
        host.closedDevices.join(", ")
      }: join the group render (sudo usermod -aG render $USER)`,
    ]
    : [];
  return [
    ...closed,
    ...host.gpus.map((vendor) => `For the ${vendor} GPU of this machine: ${drivers[vendor]}`),
  ];
}

function softwareAdvice({ adapters, host }: Facts): string[] {
  const lavapipe = adapters.some(({ runtime, driver }) =>
    runtime === "dawn" && Number.parseFloat(mesaVersion(driver) ?? "0") >= firstGoodMesa
  );
  if (lavapipe || !host.platform.startsWith("linux")) return [];
  return [
    `Mesa ${firstGoodMesa} or newer is a software adapter four to five times faster than SwiftShader: ` +
    installMesa(host.distribution ?? ""),
  ];
}

function installMesa(distribution: string): string {
  if (distribution === "debian bookworm") {
    return "add bookworm-backports to /etc/apt/sources.list and run " +
      "apt install -t bookworm-backports mesa-vulkan-drivers";
  }
  if (/^(debian|ubuntu)/.test(distribution)) {
    return "apt install mesa-vulkan-drivers (from the backports or updates of an older release)";
  }
  if (/^fedora/.test(distribution)) return "dnf install mesa-vulkan-drivers";
  return "install your distribution's Mesa Vulkan drivers";
}
