// Engine files whose header was changed, with a first line that fits again.

/** Not a digest, so that changed files pass for whole ones. */
export const noDigest = () => "0";

/** The header of an engine file as text. */
export function headerOf(file: Uint8Array): string {
  const length = Number(/(\d+) *\n$/.exec(new TextDecoder().decode(file.subarray(0, 128)))![1]);
  return new TextDecoder().decode(file.subarray(128, 128 + length));
}

/** The file with another header. */
export function forgeEngine(file: Uint8Array, header: string): Uint8Array {
  const aligned = (bytes: number) => Math.ceil(bytes / 64) * 64;
  const contents = file.subarray(aligned(128 + new TextEncoder().encode(headerOf(file)).length));
  const text = new TextEncoder().encode(header);
  const start = aligned(128 + text.length);
  const forged = new Uint8Array(start + contents.length);
  const line = `halftone engine 1 ${noDigest()} ${forged.length} ${text.length}`;
  forged.set(new TextEncoder().encode(`${line.padEnd(127)}\n`));
  forged.set(text, 128);
  forged.set(contents, start);
  return forged;
}
