// QuantizeLinear and DequantizeLinear with a scale for every block of elements along an axis (ONNX 21), drawn in simpler
// operators: scales and zero points are repeated first.
import { intAttribute } from "../../graph/attribute.ts";
import type { Name } from "../../graph/graph.ts";
import { codesOfType, type DType, dtypes } from "../../tensor/dtype.ts";
import { normalAxis, type Shape } from "../../tensor/shape.ts";
import { tensor } from "../../tensor/tensor.ts";
import type { ExpansionBuilder } from "../declare/builder.ts";

type Blocks = { readonly axis: number; readonly block_size: number };

export function drawQuantizedBlocks(builder: ExpansionBuilder, dtype: DType, blocks: Blocks) {
  const { inputs, outputs, add, constant } = builder;
  const [scale, zero] = repeated(builder, blocks);
  const [low, high] = codesOfType(dtype).map((code) => constant(tensor("float32", [], [code])));
  const rounded = add("Round", [add("Div", [inputs[0]!.name, scale])]);
  const codes = add("Clip", [
    zero ? add("Add", [rounded, cast(builder, zero, "float32")]) : rounded,
    low,
    high,
  ]);
  add("Cast", [codes], { to: intAttribute(dtypes.indexOf(dtype)) }, outputs);
}

export function drawDequantizedBlocks(builder: ExpansionBuilder, blocks: Blocks) {
  const { inputs, outputs, add } = builder;
  const [scale, zero] = repeated(builder, blocks);
  const codes = cast(builder, inputs[0]!.name, "float32");
  add("Mul", [zero ? add("Sub", [codes, cast(builder, zero, "float32")]) : codes, scale], {}, outputs);
}

function cast({ add }: ExpansionBuilder, name: Name, dtype: DType): Name {
  return add("Cast", [name], { to: intAttribute(dtypes.indexOf(dtype)) });
}

/** Scale and zero point in the shape of x. */
function repeated(builder: ExpansionBuilder, blocks: Blocks): [Name, Name | undefined] {
  const [x, scale, zero] = builder.inputs;
  const zeroPoint = zero && repeat(builder, zero.name, x!.shape, zero.shape, blocks);
  return [repeat(builder, scale!.name, x!.shape, scale!.shape, blocks), zeroPoint];
}

/** Each element along the axis block_size times; the last block may be shorter. */
function repeat(
  { add, constant }: ExpansionBuilder,
  name: Name,
  to: Shape,
  from: Shape,
  { axis, block_size }: Blocks,
): Name {
  const along = normalAxis(axis, to.length);
  const list = (values: readonly number[]) => constant(tensor("int64", [values.length], values));
  const [before, after] = [from.slice(0, along), from.slice(along + 1)];
  const apart = add("Reshape", [name, list([...before, from[along], 1, ...after])]);
  const many = add("Expand", [apart, list([...before, from[along], block_size, ...after])]);
  const joined = add("Reshape", [many, list([...before, from[along] * block_size, ...after])]);
  return add("Slice", [joined, list([0]), list([to[along]]), list([along])]);
}
