// The shader is the contract: its overrides, its `struct Params` and its bindings are the kernel's interface, read from
// the text that the GPU compiles. Each number goes where the shader declares it: baked (override) or passed (Params).
import type { Kernel, Numbers } from "../kernels/kernel.ts";

export type Scalar = "u32" | "i32" | "f32";
export type Binding = {
  readonly name: string;
  readonly index: number;
  readonly access: "uniform" | "read" | "read_write";
};
export type Contract = {
  readonly code: string;
  readonly overrides: ReadonlyMap<string, Scalar>;
  readonly params: readonly { readonly name: string; readonly type: Scalar }[];
  readonly bindings: readonly Binding[];
};

/** Reads a whole shader, library files included. */
export function readContract(code: string): Contract {
  const overrides = new Map<string, Scalar>();
  for (const [, name, type] of code.matchAll(/^override (\w+): (u32|i32|f32)/gm)) {
    overrides.set(name, type as Scalar);
  }
  const struct = code.match(/struct Params \{([^}]*)\}/)?.[1] ?? "";
  const params = [...struct.matchAll(/(\w+): (u32|i32|f32)/g)].map(([, name, type]) => ({
    name,
    type: type as Scalar,
  }));
  const pattern = /@group\(0\) @binding\((\d+)\) var<(uniform|storage, (read_write|read))> (\w+)/g;
  const bindings = [...code.matchAll(pattern)].map(([, index, space, access, name]) => ({
    name,
    index: Number(index),
    access: (space === "uniform" ? "uniform" : access) as Binding["access"],
  }));
  return { code, overrides, params, bindings };
}

/** The names of the library files that a shader asks for: `// use: lines quantize`. */
export function usesOf(code: string): string[] {
  return code.match(/^\/\/ use: ([\w ]+)$/m)?.[1].split(" ") ?? [];
}

/** The names that a shader takes from in front of its text, `*` for any ending: `// needs: Element kind_*`. */
export function needsOf(code: string): string[] {
  return code.match(/^\/\/ needs: (.+)$/m)?.[1].split(" ") ?? [];
}

/**
 * Splits a call's numbers into constants to bake and bytes to pass; throws on names that the shader does not declare.
 */
export function route(
  kernel: Kernel,
  contract: Contract,
  numbers: Numbers,
): { baked: Record<string, number>; bytes: ArrayBuffer } {
  const baked: Record<string, number> = {};
  const passed = new Set(contract.params.map((param) => param.name));
  for (const [name, value] of Object.entries(numbers)) {
    if (contract.overrides.has(name)) baked[name] = value;
    else if (!passed.has(name)) {
      throw new Error(`Invariant: ${kernel.stem}.wgsl does not declare the number "${name}"`);
    }
  }
  const view = new DataView(new ArrayBuffer(Math.max(16, Math.ceil(contract.params.length / 4) * 16)));
  contract.params.forEach(({ name, type }, i) => {
    const value = numbers[name];
    if (value === undefined) throw new Error(`Invariant: ${kernel.stem}.wgsl needs the number "${name}"`);
    if (type === "f32") view.setFloat32(i * 4, value, true);
    else if (type === "i32") view.setInt32(i * 4, value, true);
    else view.setUint32(i * 4, value, true);
  });
  return { baked, bytes: view.buffer };
}
