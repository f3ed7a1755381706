// Writes .npy files for the tests, as numpy.lib.format does.
export type NpyOptions = {
  descr?: string;
  fortran?: boolean;
  shape?: readonly number[];
  version?: 1 | 2 | 3;
};

/** A .npy file around raw element bytes. */
export function npyAround(elements: Uint8Array, options: NpyOptions = {}): Uint8Array {
  const { descr = "<f4", fortran = false, shape = [elements.length / 4], version = 1 } = options;
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const order = fortran ? "True" : "False";
  let text = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${dims}), }`;
  const start = version === 1 ? 10 : 12;
  text = text.padEnd(Math.ceil((start + text.length + 1) / 64) * 64 - start - 1) + "\n";
  const bytes = new Uint8Array(start + text.length + elements.length);
  bytes.set([0x93, ...new TextEncoder().encode("NUMPY"), version, 0]);
  const view = new DataView(bytes.buffer);
  if (version === 1) view.setUint16(8, text.length, true);
  else view.setUint32(8, text.length, true);
  bytes.set(new TextEncoder().encode(text), start);
  bytes.set(elements, start + text.length);
  return bytes;
}

/** A float32 .npy. */
export function npyOf(values: readonly number[], shape: readonly number[]): Uint8Array {
  return npyAround(new Uint8Array(Float32Array.from(values).buffer), { shape });
}
