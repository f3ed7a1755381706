// Writes tar archives for the tests, including invalid ones.
const block = 512;

export type Entry = { name: string; bytes?: Uint8Array; type?: string; size?: number; prefix?: string };

/** A ustar archive; `size` is written instead of the true size. */
export function tarBytes(entries: readonly Entry[], end = true): Uint8Array {
  const parts = entries.flatMap((entry) => [header(entry), padToBlock(entry.bytes ?? new Uint8Array())]);
  return concatenate(end ? [...parts, new Uint8Array(2 * block)] : parts);
}

function header({ name, bytes, type = "0", size, prefix = "" }: Entry): Uint8Array {
  const result = new Uint8Array(block);
  const put = (text: string, at: number) => result.set(new TextEncoder().encode(text), at);
  put(name, 0);
  put(`${(size ?? bytes?.length ?? 0).toString(8).padStart(11, "0")}\0`, 124);
  put(type, 156);
  put("ustar\x0000", 257);
  put(prefix, 345);
  put(" ".repeat(8), 148);
  const sum = result.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return result;
}

function padToBlock(bytes: Uint8Array): Uint8Array {
  return concatenate([bytes, new Uint8Array((block - bytes.length % block) % block)]);
}

export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
