import { unaryInteger, unaryIntegerKinds } from "../../src/kernels/unary_integer.ts";
import { integers } from "./broadcasting.ts";
import { exact, type KernelRows, type Row } from "./row.ts";

function row(name: string, kind: number, count: number, bits: number, unsigned = false): Row {
  const Words = unsigned && bits === 32 ? Uint32Array : Int32Array;
  const x = Words.from(integers(count, bits, unsigned));
  return {
    name: `${unaryIntegerKinds[kind]}, ${name}`,
    numbers: { kind, count, bits, unsigned: Number(unsigned) },
    buffers: { x, y: new Words(count) },
    bound: exact,
  };
}

export const rows: readonly KernelRows[] = [{
  kernel: unaryInteger,
  rows: unaryIntegerKinds.flatMap((_, kind) => [
    row("one number", kind, 1, 32),
    row("several workgroups", kind, 1003, 32),
    row("32 bits, unsigned", kind, 7, 32, true),
    row("8 bits", kind, 67, 8),
    row("8 bits, unsigned", kind, 67, 8, true),
  ]),
}];
