// Dawn and the Vulkan loader write warnings into the process's stderr themselves, about drivers that are not there and
// limits that nobody asked for. Nothing in JavaScript sees them; Deno can turn the descriptor elsewhere for a while.
import process from "node:process";

type Symbols = {
  dup(fd: number): number;
  dup2(from: number, to: number): number;
  creat(path: Uint8Array, mode: number): number;
  close(fd: number): number;
};
type Library = { readonly symbols: Symbols };
type Runtime = { dlopen(path: string, symbols: Record<string, unknown>): Library };

const stderr = 2;
const libraries: Readonly<Record<string, string>> = { linux: "libc.so.6", darwin: "libSystem.B.dylib" };

/** Does the work while what native code writes into stderr is dropped; under Node, and elsewhere, just does it. */
export async function withoutNativeNoise<T>(work: () => Promise<T>): Promise<T> {
  const symbols = library()?.symbols;
  if (!symbols) return await work();
  const [kept, nowhere] = [
    symbols.dup(stderr),
    symbols.creat(new TextEncoder().encode("/dev/null\0"), 0o600),
  ];
  if (kept < 0 || nowhere < 0) return await work();
  symbols.dup2(nowhere, stderr);
  try {
    return await work();
  } finally {
    symbols.dup2(kept, stderr);
    for (const descriptor of [kept, nowhere]) symbols.close(descriptor);
  }
}

let opened: Library | undefined;

function library(): Library | undefined {
  const { Deno: runtime } = globalThis as unknown as { Deno?: Runtime };
  const name = libraries[process.platform];
  if (!runtime || !name) return undefined;
  const whole = (...parameters: string[]) => ({ parameters, result: "i32" });
  try {
    opened ??= runtime.dlopen(name, {
      dup: whole("i32"),
      dup2: whole("i32", "i32"),
      creat: whole("buffer", "u32"),
      close: whole("i32"),
    });
  } catch {
    return undefined; // A system with another C library keeps its warnings.
  }
  return opened;
}
