// Python's pickle, protocol 2, as far as a TorchScript module needs it (torch/csrc/jit/serialization/pickler.cpp): one
// object whose attributes are tensors. Tensors name their storage; its bytes are entries of the archive.
import type { Shape } from "../tensor/shape.ts";
import { elementCount, stridesOf } from "../tensor/shape.ts";

/** A tensor as the module's pickle states it: row-major, in the storage of this number. */
export type HeldTensor = {
  readonly name: string;
  /** The class of its storage in torch, such as "CharStorage". */
  readonly storage: string;
  readonly key: number;
  readonly shape: Shape;
};

/** The pickle of an object of class `__torch__.NAME` with these attributes, in their order. */
export function pickleModule(name: string, tensors: readonly HeldTensor[]): Uint8Array {
  const bytes: number[] = [];
  const put = (...parts: readonly (readonly number[])[]) => {
    for (const part of parts) for (const byte of part) bytes.push(byte);
  };
  put(protocol, global("__torch__", name), emptyTuple, newObject, emptyDict, mark);
  for (const held of tensors) put(text(held.name), tensorCode(held));
  put(setItems, build, stop);
  return Uint8Array.from(bytes);
}

/** The pickle of an empty tuple, which an archive without constants holds. */
export const emptyPickle = Uint8Array.of(0x80, 2, 0x29, 0x2e);

const protocol = [0x80, 2];
const mark = [0x28];
const emptyTuple = [0x29];
const emptyDict = [0x7d];
const newObject = [0x81];
const setItems = [0x75];
const build = [0x62];
const stop = [0x2e];
const reduce = [0x52];
const persistentId = [0x51];
const no = [0x89];

const utf8 = (value: string) => [...new TextEncoder().encode(value)];
const little = (value: number, count: number) =>
  Array.from({ length: count }, (_, i) => Math.floor(value / 2 ** (8 * i)) % 256);
const global = (module: string, name: string) => [0x63, ...utf8(`${module}\n${name}\n`)];
const tuple = (...items: readonly (readonly number[])[]) => [...mark, ...items.flat(), 0x74];

function text(value: string): number[] {
  const bytes = utf8(value);
  return [0x58, ...little(bytes.length, 4), ...bytes];
}

/** A number of 0 or more. */
function integer(value: number): number[] {
  if (value < 2 ** 8) return [0x4b, value];
  if (value < 2 ** 16) return [0x4d, ...little(value, 2)];
  return value < 2 ** 31 ? [0x4a, ...little(value, 4)] : [0x8a, 8, ...little(value, 8)];
}

const integers = (values: readonly number[]) => tuple(...values.map(integer));

/** torch._utils._rebuild_tensor_v2(storage, offset, shape, strides, requires_grad, hooks) */
function tensorCode({ storage, key, shape }: HeldTensor): number[] {
  const count = integer(elementCount(shape));
  const stored = tuple(text("storage"), global("torch", storage), text(`${key}`), text("cpu"), count);
  const hooks = [...global("collections", "OrderedDict"), ...emptyTuple, ...reduce];
  const parts = [integer(0), integers(shape), integers(stridesOf(shape)), no, hooks];
  return [
    ...global("torch._utils", "_rebuild_tensor_v2"),
    ...tuple([...stored, ...persistentId], ...parts),
    ...reduce,
  ];
}
