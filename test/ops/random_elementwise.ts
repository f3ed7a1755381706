// Random elementwise nodes: operators, types and shapes that broadcast, up to seven dimensions.
import fc from "fast-check";
import type { Attribute } from "../../src/graph/graph.ts";
import type { DType } from "../../src/tensor/dtype.ts";
import { elementCount, type Shape } from "../../src/tensor/shape.ts";
import { fromNumbers, type Tensor } from "../../src/tensor/tensor.ts";
import { type Bound, exact, ulps } from "./agreement.ts";
import type { Row } from "./one_node.ts";

const floatTypes: readonly DType[] = ["float32"];
const numbers: readonly DType[] = ["float32", "int32", "int64", "uint32", "int8", "uint8"];
const integers: readonly DType[] = ["int32", "int64", "int8", "uint8", "int16", "uint16", "uint32"];

type Family = {
  readonly types: readonly DType[];
  readonly operands: number;
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly within?: Bound;
};
const division = ulps(3, "WGSL: division within 2.5 ulp");
const families: Readonly<Record<string, Family>> = {
  Add: { types: numbers, operands: 2 },
  Sub: { types: numbers, operands: 2 },
  Mul: { types: numbers, operands: 2 },
  Div: { types: numbers, operands: 2, within: division },
  Max: { types: numbers, operands: 3 },
  Min: { types: numbers, operands: 2 },
  Sum: { types: floatTypes, operands: 3 },
  Mean: { types: floatTypes, operands: 2, within: division },
  Mod: { types: integers, operands: 2 },
  PRelu: { types: floatTypes, operands: 1 },
  Pow: { types: ["int32", "int64"], operands: 2 },
  Equal: { types: numbers.slice(0, 3), operands: 2 },
  Less: { types: numbers.slice(0, 3), operands: 2 },
  GreaterOrEqual: { types: numbers.slice(0, 3), operands: 2 },
  And: { types: ["bool"], operands: 2 },
  Xor: { types: ["bool"], operands: 2 },
  Where: { types: ["float32", "int32", "int64", "uint8"], operands: 3 },
  BitwiseXor: { types: integers, operands: 2 },
};

/** Small multiples of a quarter (sums and products are exact) or small integers; divisors are not zero. */
function contents(opType: string, position: number, dtype: DType, shape: Shape, seed: number): Tensor {
  const [low, high] = /^u|bool/.test(dtype) ? [1, dtype === "bool" ? 0 : 11] : [-11, 11];
  const values = Array.from({ length: elementCount(shape) }, (_, i) => {
    const value = low + ((i + seed) * 7919) % (high - low + 1 || 1);
    if (dtype === "bool") return ((i + seed) * 7919 >> 3) % 2;
    if (/Div|Mod/.test(opType) && position > 0 && value === 0) return 5;
    if (opType === "Pow") return position > 0 ? Math.abs(value) % 5 : value;
    return dtype === "float32" ? value / 4 : value;
  });
  return fromNumbers(dtype, shape, values);
}

const dims = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 7 });
const cut = fc.record({ drop: fc.nat({ max: 7 }), ones: fc.nat({ max: 127 }), seed: fc.nat({ max: 1000 }) });

export const elementwiseNodes: fc.Arbitrary<Row> = fc.record({
  opType: fc.constantFrom(...Object.keys(families)),
  type: fc.nat(),
  dims,
  cuts: fc.array(cut, { minLength: 3, maxLength: 3 }),
  arrive: fc.nat({ max: 6 }),
}).map(({ opType, type, dims, cuts, arrive }) => {
  const { types, operands, attributes, within } = families[opType];
  const dtype = types[type % types.length];
  const inputs = cuts.slice(0, operands).map(({ drop, ones, seed }, i) => {
    const shape = dims.map((dim, axis) => ones >> axis & 1 ? 1 : dim).slice(Math.min(drop, dims.length));
    return contents(opType, i, opType === "Where" && i === 0 ? "bool" : dtype, shape, seed);
  });
  // PRelu's slope broadcasts, its data do not.
  if (opType === "PRelu") inputs.push(contents(opType, 1, dtype, inputs[0].shape.map(() => 1), 3));
  const some = inputs.map((_, i) => i).filter((i) => arrive >> i & 1);
  const fed = some.length > 0 ? some : inputs.map((_, i) => i);
  const about = `${dtype} ${inputs.map(({ shape }) => `[${shape}]`).join(" ")}, ${fed} arrive`;
  return { opType, about, attributes, inputs, fed, opset: 18, within: within ?? exact };
});
