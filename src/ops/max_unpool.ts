// MaxUnpool (ONNX MaxUnpool-9, 11, 22): each value is written at its index, zeros elsewhere. Indices refer to the
// shape that kernel, strides and pads give; a larger output_shape adds zeros at the ends, as ONNX's test vectors do.
import { ModelError } from "../error.ts";
import type { StaticValue } from "../graph/graph.ts";
import { elementCount, sameShape } from "../tensor/shape.ts";
import { numbers, tensor } from "../tensor/tensor.ts";
import { constantInput, ints, op, requireInput } from "./declare/op.ts";

const attributes = { kernel_shape: ints(), strides: ints([]), pads: ints([]) };
type Attributes = { kernel_shape: readonly number[]; strides: readonly number[]; pads: readonly number[] };

export const MaxUnpool = op({
  since: 9,
  attributes,
  constantInputs: [2],
  role: { kind: "resists" },
  infer(inputs, a) {
    const [{ dtype, shape: from }, { shape: places }] = [requireInput(inputs, 0), requireInput(inputs, 1)];
    if (!sameShape(from, places)) {
      throw new ModelError(`Cannot unpool [${from}]: indices are [${places}], expected one per value`);
    }
    const natural = unpooledShape(inputs, a);
    const shape = inputs[2] ? numbers(constantInput(inputs, 2, "output sizes")) : natural;
    if (shape.length !== natural.length || shape.some((size, axis) => size < natural[axis])) {
      throw new ModelError(`Cannot unpool to [${shape}]: expected at least [${natural}]`);
    }
    return [{ dtype, shape }];
  },
  expand({ inputs, outputs, add, constant, integers }, a) {
    const [x, places] = [inputs[0]!, inputs[1]!];
    const natural = unpooledShape(inputs, a);
    const shape = inputs[2] ? numbers(constantInput(inputs, 2, "output sizes")) : natural;
    const zero = constant(tensor("float32", [1], [0]));
    const zeros = add("Expand", [zero, integers([elementCount(natural)])]);
    const flat = (name: string) => add("Reshape", [name, integers([elementCount(x.shape)])]);
    const scattered = add("ScatterElements", [zeros, flat(places.name), flat(x.name)]);
    const more = shape.map((size, axis) => size - natural[axis]);
    const pads = [...more.map(() => 0), ...more];
    add("Pad", [add("Reshape", [scattered, integers(natural)]), integers(pads)], {}, outputs);
  },
});

function unpooledShape(inputs: readonly (StaticValue | undefined)[], a: Attributes): number[] {
  const { shape } = requireInput(inputs, 0);
  const rank = a.kernel_shape.length;
  const grown = shape.slice(2).map((size, axis) => {
    const pads = (a.pads[axis] ?? 0) + (a.pads[axis + rank] ?? 0);
    return (size - 1) * (a.strides[axis] ?? 1) + a.kernel_shape[axis] - pads;
  });
  return [...shape.slice(0, 2), ...grown];
}
