// Examines the machine for `halftone doctor`: every adapter that can be opened, every driver that cannot and why, and
// what to install for more. Plain data; the command prints it.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { HalftoneError } from "../error.ts";
import { adviceFor } from "./advice.ts";
import type { Facts, FoundAdapter, Refusal } from "./facts.ts";
import { type AdapterIdentity, choicesOf } from "./choices.ts";
import { examineHost } from "./host.ts";
import { runProbe } from "./run_probe.ts";
import { swiftShader } from "./swiftshader.ts";
import { givenIcd, hasLoader, systemIcds } from "./vulkan_loader.ts";

export type DoctorReport = Facts & { readonly advice: readonly string[] };

/**
 * Probes every driver, each in its own process; takes a second or two.
 *
 * @example
 * for (const line of (await examine()).advice) console.log(line);
 */
export async function examine(): Promise<DoctorReport> {
  const { adapters, refused } = await searchAdapters();
  const chosen = await runProbe({});
  const facts: Facts = {
    runtime: runtimeVersion(),
    host: examineHost(),
    packages: {
      "webgpu": installedVersion("webgpu"),
      "@sparticuz/chromium": installedVersion("@sparticuz/chromium"),
      "gpu.js": installedVersion("gpu.js"),
    },
    loader: hasLoader(),
    givenIcd: givenIcd(),
    chosen: "error" in chosen ? undefined : chosen.description,
    adapters,
    refused,
    kernels: "error" in chosen ? {} : await chosenKernels(chosen),
  };
  return { ...facts, advice: adviceFor(facts) };
}

async function searchAdapters(): Promise<{ adapters: FoundAdapter[]; refused: Refusal[] }> {
  const adapters: FoundAdapter[] = [];
  const refused: Refusal[] = [];
  const look = async (source: string, options: Parameters<typeof runProbe>[0]) => {
    const probed = await runProbe(options);
    if ("error" in probed) refused.push({ source, why: probed.error });
    else adapters.push({ source, ...probed });
  };
  for (const icd of systemIcds()) await look(icd, { runtime: "dawn", icd });
  if (process.platform === "linux") {
    const own = await swiftShader().catch((error) => error);
    if (own instanceof Error) refused.push({ source: "SwiftShader", why: reasonOf(own) });
    else await look("SwiftShader", { runtime: "dawn", icd: own.icd });
  } else await look("system", { runtime: "dawn" });
  if ("Deno" in globalThis) await look("Deno", { runtime: "deno" });
  return { adapters, refused };
}

async function chosenKernels(adapter: AdapterIdentity): Promise<Facts["kernels"]> {
  const table = Object.entries(await choicesOf(adapter).read());
  return Object.fromEntries(table.map(([stem, buckets]) => {
    const stems = Object.entries(buckets).map(([bucket, { chosen }]) => [bucket, chosen]);
    return [stem, Object.fromEntries(stems)];
  }));
}

function reasonOf(error: Error): string {
  if (error instanceof HalftoneError) return error.message;
  throw error;
}

function runtimeVersion(): Facts["runtime"] {
  const { deno, node } = process.versions as { deno?: string; node: string };
  return deno ? { name: "deno", version: deno } : { name: "node", version: node };
}

/** Read from the package's own folder: its exports usually hide package.json. */
function installedVersion(name: string): string | undefined {
  for (const root of createRequire(import.meta.url).resolve.paths(name) ?? []) {
    try {
      return JSON.parse(readFileSync(join(root, name, "package.json"), "utf8")).version;
    } catch {
      continue; // Not in this folder: go on with the parent.
    }
  }
  return undefined;
}
