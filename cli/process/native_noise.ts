// Dawn and the Vulkan loader print warnings straight to the process's stderr, about missing drivers and limits that
// nobody requested. JavaScript cannot intercept them; under Deno, the file descriptor can be redirected for a while.
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

/**
 * Drops what native code prints to stderr during the work, under Deno on Linux and macOS; elsewhere just does the work.
 */
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
  const int = (...parameters: string[]) => ({ parameters, result: "i32" });
  try {
    opened ??= runtime.dlopen(name, {
      dup: int("i32"),
      dup2: int("i32", "i32"),
      creat: int("buffer", "u32"),
      close: int("i32"),
    });
  } catch {
    return undefined; // With another C library, the warnings are printed.
  }
  return opened;
}
