import {
  binaryInteger,
  type BinaryIntegerKind,
  binaryIntegerKinds,
} from "../../src/kernels/binary_integer.ts";
import { channels, crossed, type Dims, integers, one, places, product } from "./broadcasting.ts";
import { exact, type KernelRows, type Row } from "./row.ts";

/** Exponents and shift amounts are small or just out of range; divisors are not zero. */
function right(kind: BinaryIntegerKind, count: number, bits: number, unsigned: boolean): number[] {
  const values = integers(count, bits, unsigned, 2);
  if (kind === "pow") return values.map((v) => unsigned ? v % 9 : v % 5);
  if (kind.startsWith("shift")) return values.map((v) => Math.abs(v) % (bits + 3));
  if (["div", "remainder", "modulo"].includes(kind)) return values.map((v) => v === 0 ? 3 : v);
  return values;
}

function row(name: string, kind: BinaryIntegerKind, a: Dims, b: Dims, bits = 32, unsigned = false): Row {
  const numbers = { kind: binaryIntegerKinds.indexOf(kind), bits, unsigned: Number(unsigned) };
  const Words = unsigned && bits === 32 ? Uint32Array : Int32Array;
  const placed = places({ a, b });
  return {
    name: `${kind}, ${name}`,
    numbers: { ...numbers, ...placed },
    buffers: {
      a: Words.from(integers(product(a), bits, unsigned)),
      b: Words.from(right(kind, product(b), bits, unsigned)),
      y: new Words(placed.count),
    },
    bound: exact,
  };
}

const list: readonly [Dims, Dims] = [[1, 1, 1, 1, 1, 301], [1, 1, 1, 1, 1, 301]];

export const rows: readonly KernelRows[] = [{
  kernel: binaryInteger,
  rows: binaryIntegerKinds.flatMap((kind) => [
    row("one number", kind, one, one),
    row("six dimensions, each repeated once", kind, ...crossed),
    row("several workgroups", kind, ...channels),
    row("32 bits, unsigned", kind, ...list, 32, true),
    row("8 bits", kind, ...list, 8),
    row("8 bits, unsigned", kind, ...list, 8, true),
    row("16 bits, unsigned", kind, ...list, 16, true),
  ]),
}];
