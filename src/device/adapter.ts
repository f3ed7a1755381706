// Finds a WebGPU adapter: hardware, else the system's software Vulkan, else SwiftShader, through Dawn; if Dawn
// finds none, Deno's own WebGPU. The adapter in use is always named; an error lists everything that was tried.
import process from "node:process";
import { DeviceError } from "../error.ts";
import { dawnAdapter } from "./dawn.ts";
import { describeAdapter, isSoftware } from "./describe.ts";
import { type SwiftShader, swiftShader } from "./swiftshader.ts";
import {
  givenIcd,
  hasLoader,
  holdLoader,
  isSoftwareIcd,
  requireGivenIcd,
  systemIcds,
  withIcd,
} from "./vulkan_loader.ts";

export type AdapterChoice = "auto" | "hardware" | "software";
export type AdapterRuntime = "dawn" | "deno";

/**
 * `icd`: use only this Vulkan driver manifest. `runtime`: use only Dawn or only Deno's own WebGPU.
 * `toggles`: Dawn toggles to enable.
 */
export type AdapterOptions = {
  readonly icd?: string;
  readonly runtime?: AdapterRuntime;
  readonly toggles?: readonly string[];
};

export type OpenedAdapter = {
  readonly gpu: GPU;
  readonly adapter: GPUAdapter;
  /** For people: `llvmpipe (LLVM 15.0.6, 256 bits), Mesa 25.0.7 — software Vulkan, not a GPU`. */
  readonly description: string;
  /** True if the adapter is software on the CPU. */
  readonly software: boolean;
  readonly runtime: AdapterRuntime;
  /** The driver's own description, unedited. */
  readonly driver: string;
};

/** One place to look: opens to undefined if it has no adapter; throws DeviceError if it cannot be queried. */
export type Place = { readonly name: string; readonly open: () => Promise<OpenedAdapter | undefined> };

/**
 * Opens the best adapter of the requested kind. Throws DeviceError with what was tried and what to install.
 *
 * @example
 * const { adapter, description } = await openAdapter("auto");
 */
export async function openAdapter(
  choice: AdapterChoice,
  options: AdapterOptions = {},
): Promise<OpenedAdapter> {
  if (options.icd === undefined) requireGivenIcd();
  const { opened: describeOpened, tried } = await firstFitting(placesFor(choice, options), choice);
  if (describeOpened) return describeOpened;
  const kind = choice === "auto" ? "WebGPU" : choice;
  const remedy = choice === "hardware"
    ? "install the GPU's Vulkan driver or pass --device auto"
    : "install a GPU driver or Mesa 24 or newer (mesa-vulkan-drivers), or pass --device cpu";
  throw new DeviceError(`Cannot open a ${kind} adapter: ${tried.join("; ")}; ${remedy}`);
}

/** Tries the places in order and stops at the first adapter of the right kind. */
export async function firstFitting(
  places: readonly Place[],
  choice: AdapterChoice,
): Promise<{ opened?: OpenedAdapter; tried: string[] }> {
  const tried: string[] = [];
  for (const place of places) {
    try {
      const opened = await place.open();
      if (opened && chooseAdapter([opened], choice)) return { opened, tried };
      tried.push(`${place.name} has ${opened ? `only ${opened.description}` : "no adapter"}`);
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      tried.push(`${place.name}: ${error.message}`);
    }
  }
  return { tried };
}

/**
 * The best of the adapters found: of the requested kind, Dawn before Deno, hardware before software, else the
 * first.
 */
export function chooseAdapter<Found extends { software: boolean; runtime: AdapterRuntime }>(
  found: readonly Found[],
  choice: AdapterChoice,
): Found | undefined {
  const fits = found.filter(({ software }) => choice === "auto" || software === (choice === "software"));
  const rank = ({ software, runtime }: Found) => (runtime === "deno" ? 2 : 0) + (software ? 1 : 0);
  return fits.sort((a, b) => rank(a) - rank(b))[0];
}

/** Where to look, best first. A driver named by option or environment variable is the only place. */
function placesFor(choice: AdapterChoice, options: AdapterOptions): Place[] {
  const { icd, runtime, toggles } = options;
  const given = icd ?? givenIcd();
  const dawn = (name: string, manifest?: string): Place => ({
    name: `Dawn with ${name}`,
    open: () => openDawn({ icd: manifest, toggles }),
  });
  const software = choice === "software" ? systemIcds().filter(isSoftwareIcd) : [];
  const searched = [
    { name: "Dawn with the system's drivers", open: () => openSystem(toggles) },
    ...software.map((manifest) => dawn(`"${manifest}"`, manifest)),
    ...(choice === "hardware"
      ? []
      : [{ name: "Dawn with SwiftShader", open: () => openSwiftShader(toggles) }]),
  ];
  return [
    ...(runtime === "deno" ? [] : given ? [dawn(`"${given}"`, icd)] : searched),
    ...(runtime === "dawn" || !ownWebGpu() ? [] : [{ name: "Deno's own WebGPU", open: () => openDeno(icd) }]),
  ];
}

async function openSystem(toggles?: readonly string[]): Promise<OpenedAdapter | undefined> {
  // Without any driver, the loader complains on stderr.
  if (process.platform === "linux" && systemIcds().length === 0) return undefined;
  return await openDawn({ toggles });
}

async function openDawn(
  options: { icd?: string; toggles?: readonly string[] },
): Promise<OpenedAdapter | undefined> {
  await provideLoader();
  const found = await dawnAdapter(options);
  return found && opened(found, "dawn");
}

/**
 * A system without a Vulkan loader may still have drivers (GPU containers do): SwiftShader's loader finds
 * them.
 */
async function provideLoader(): Promise<void> {
  if (hasLoader()) return;
  const own = await bundledSwiftShader();
  if (!own) {
    throw new DeviceError("Cannot load Vulkan: libvulkan.so.1 is not on this system, install libvulkan1");
  }
  holdLoader(own.loader);
}

async function openSwiftShader(toggles?: readonly string[]): Promise<OpenedAdapter | undefined> {
  const { icd } = await swiftShader();
  return await openDawn({ icd, toggles });
}

/** Deno keeps the drivers that the first request of the process found, so the choice is made here, once. */
async function openDeno(icd?: string): Promise<OpenedAdapter | undefined> {
  const gpu = ownWebGpu();
  if (!gpu) return undefined;
  // Never OpenGL: without a GPU it is Mesa's, where a small model took 17 GB.
  process.env.DENO_WEBGPU_BACKEND ??= "vulkan,metal,dx12";
  const own = await bundledSwiftShader();
  if (own && !hasLoader()) holdLoader(own.loader);
  const manifest = icd ?? (givenIcd() || systemIcds().length > 0 ? undefined : own?.icd);
  const adapter = await withIcd(manifest, () => gpu.requestAdapter({ powerPreference: "high-performance" }));
  return adapter ? opened({ gpu, adapter }, "deno") : undefined;
}

function ownWebGpu(): GPU | undefined {
  const { Deno, navigator } = globalThis as { Deno?: unknown; navigator?: { gpu?: GPU } };
  return Deno ? navigator?.gpu : undefined;
}

async function bundledSwiftShader(): Promise<SwiftShader | undefined> {
  try {
    return await swiftShader();
  } catch (error) {
    // Both callers can do without it; the search also tries SwiftShader and reports why it fails.
    if (error instanceof DeviceError) return undefined;
    throw error;
  }
}

function opened(found: { gpu: GPU; adapter: GPUAdapter }, runtime: AdapterRuntime): OpenedAdapter {
  const facts = found.adapter.info;
  return {
    ...found,
    runtime,
    description: describeAdapter(facts),
    software: isSoftware(facts),
    driver: facts.description,
  };
}
