// The sizes of bindings and buffers that a device supports; plans are made for them.

export type Limits = { readonly bindingBytes: number; readonly bufferBytes: number };

export const noLimits: Limits = { bindingBytes: Infinity, bufferBytes: Infinity };

/** The bytes of a binding of `words` words: whole vec4s. */
export function bindingBytes(words: number): number {
  return Math.max(1, Math.ceil(words / 4)) * 16;
}

/** Bytes as text: `137.3 MiB`, `128 MiB`. */
export function bytesText(bytes: number): string {
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), 3);
  const rounded = Math.round(bytes / 2 ** (10 * power) * 10) / 10;
  return `${rounded} ${["bytes", "KiB", "MiB", "GiB"][power]}`;
}
