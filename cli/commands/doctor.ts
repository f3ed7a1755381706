// halftone doctor: the available adapters, their features, and what to install for more.
import type { DoctorReport } from "../../src/device/doctor.ts";
import type { FoundAdapter } from "../../src/device/facts.ts";
import { bytesText } from "../../src/report/number.ts";
import type { Command } from "../command.ts";
import { library } from "../open.ts";
import { table } from "../terminal/table.ts";

export const doctor: Command = {
  summary: "show this machine's adapters and what to install for better ones",
  options: [],
  async run() {
    const { examine } = await library();
    const report = await examine();
    return { json: doctorJson(report), text: doctorText(report) };
  },
};

export function doctorJson(report: DoctorReport): Record<string, unknown> {
  const { runtime, host, packages, loader, givenIcd, chosen, adapters, refused, kernels, advice } = report;
  return {
    runtime,
    platform: host.platform,
    distribution: host.distribution ?? null,
    gpus: host.gpus,
    closed_devices: host.closedDevices,
    packages: Object.fromEntries(Object.entries(packages).map(([name, found]) => [name, found ?? null])),
    vulkan_loader: loader,
    vulkan_icd_given: givenIcd ?? null,
    device: chosen ?? null,
    adapters: adapters.map(({ software, ...adapter }) => ({ ...adapter, software_adapter: software })),
    refused,
    kernels_chosen: kernels,
    advice,
  };
}

export function doctorText(report: DoctorReport): string {
  const { runtime, host, packages, loader, chosen, adapters, refused, kernels, advice } = report;
  const machine = [host.platform, host.distribution].filter(Boolean).join(", ");
  const facts = table([
    ["In use", chosen ?? "no WebGPU adapter: gpu.js on the CPU, which is slow"],
    ["Runtime", `${runtime.name} ${runtime.version}`],
    ["Machine", machine],
    ["GPUs found", host.gpus.join(", ") || "none"],
    ["Vulkan loader", loader ? "found" : "missing"],
    ...Object.entries(packages).map(([name, found]) => [name, found ?? "not installed"]),
  ]);
  return [
    facts,
    ...adapters.map(adapterText),
    ...(refused.length ? [`Rejected\n${table(refused.map(({ source, why }) => [`  ${source}`, why]))}`] : []),
    ...kernelsText(kernels),
    ...(advice.length ? [`What to do\n${advice.map((line) => `  ${line}`).join("\n")}`] : []),
  ].join("\n\n");
}

function adapterText(adapter: FoundAdapter): string {
  const kind = adapter.software ? "software, not a GPU" : "hardware";
  return `${adapter.description}\n` + table([
    ["  kind", kind],
    ["  source", adapter.source],
    ["  runtime", adapter.runtime === "dawn" ? "Dawn" : "Deno"],
    ["  driver", adapter.driver],
    ["  features", adapter.features.join(", ") || "none"],
    ...Object.entries(adapter.limits).map(([name, value]) => [`  ${name}`, limitText(name, value)]),
  ]);
}

/** By kernel, how often each variant was the fastest. */
function kernelsText(kernels: DoctorReport["kernels"]): string[] {
  const rows = Object.entries(kernels).map(([stem, buckets]) => {
    const counts = new Map<string, number>();
    for (const chosen of Object.values(buckets)) counts.set(chosen, (counts.get(chosen) ?? 0) + 1);
    return [`  ${stem}`, [...counts].map(([chosen, count]) => `${chosen} for ${count}`).join(", ")];
  });
  return rows.length > 0 ? [`Fastest kernel variants, measured by shape bucket\n${table(rows)}`] : [];
}

function limitText(name: string, value: number): string {
  return /Size$/.test(name) && !/Workgroup/.test(name) ? bytesText(value) : String(value);
}
