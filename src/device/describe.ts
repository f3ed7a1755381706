// Names an adapter for people. Each driver spreads name, version and kind over the four fields differently.

export type AdapterFacts = Pick<GPUAdapterInfo, "vendor" | "architecture" | "device" | "description"> & {
  readonly isFallbackAdapter?: boolean;
};

/** True for adapters that run on the CPU: Mesa's llvmpipe, SwiftShader, Windows' WARP. */
export function isSoftware(facts: AdapterFacts): boolean {
  const words = `${facts.architecture} ${facts.device} ${facts.description}`;
  return facts.isFallbackAdapter === true ||
    /llvmpipe|lavapipe|swiftshader|basic render|\bsoftware\b/i.test(words);
}

/**
 * `llvmpipe (LLVM 15.0.6, 256 bits), Mesa 25.0.7 — software Vulkan, not a GPU` or `nvidia geforce-rtx-3090,
 * NVIDIA: 560.35`.
 */
export function describeAdapter(facts: AdapterFacts): string {
  if (!isSoftware(facts)) return hardwareName(facts);
  return `${softwareName(facts)} — ${
    /basic render/i.test(facts.description) ? "WARP" : "software Vulkan"
  }, not a GPU`;
}

function softwareName(facts: AdapterFacts): string {
  const words = `${facts.device} ${facts.description}`;
  if (/swiftshader/i.test(words)) {
    return ["SwiftShader", /driver ([\d.]+)/.exec(words)?.[1]].filter(Boolean).join(" ");
  }
  if (!/llvmpipe/i.test(words)) return facts.description || facts.device;
  const llvm = /LLVM ([\d.]+)/.exec(words)?.[1];
  const bits = /(\d+)[- ]bits/.exec(words)?.[1];
  const build = [llvm && `LLVM ${llvm}`, bits && `${bits} bits`].filter(Boolean).join(", ");
  const mesa = mesaVersion(words);
  return `llvmpipe${build && ` (${build})`}${mesa ? `, Mesa ${mesa}` : ""}`;
}

function hardwareName(facts: AdapterFacts): string {
  // Deno gives the vendor as a number, which means nothing to people.
  const name = [facts.vendor, facts.device].filter((word) => word && !/^\d+$/.test(word)).join(" ");
  return [name, facts.description].filter(Boolean).join(", ") || "unnamed adapter";
}

/** Mesa's version in a driver's description, e.g. "25.0.7". */
export function mesaVersion(description: string): string | undefined {
  return /Mesa (\d+\.\d+(?:\.\d+)?)/.exec(description)?.[1];
}
