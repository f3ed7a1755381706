// QuantizeLinear and DequantizeLinear with a scale per block of elements along an axis (ONNX 21), as simpler
// operators: scales and zero points are repeated first.
import { intAttribute } from "../../graph/attribute.ts";
import type { Name } from "../../graph/graph.ts";
import { codesOfType, type DType, dtypes } from "../../tensor/dtype.ts";
import { normalAxis, type Shape } from "../../tensor/shape.ts";
import type { ExpansionBuilder } from "../declare/builder.ts";

type Blocks = { readonly axis: number; readonly block_size: number };

export function expandQuantizeBlocks(builder: ExpansionBuilder, dtype: DType, blocks: Blocks) {
  const { inputs, outputs, add } = builder;
  const [scale, zero] = repeatCoding(builder, blocks);
  const [low, high] = codesOfType(dtype).map(builder.scalar);
  const rounded = add("Round", [add("Div", [inputs[0]!.name, scale])]);
  const codes = add("Clip", [
    zero ? add("Add", [rounded, cast(builder, zero, "float32")]) : rounded,
    low,
    high,
  ]);
  add("Cast", [codes], { to: intAttribute(dtypes.indexOf(dtype)) }, outputs);
}

export function expandDequantizeBlocks(builder: ExpansionBuilder, blocks: Blocks) {
  const { inputs, outputs, add } = builder;
  const [scale, zero] = repeatCoding(builder, blocks);
  const codes = cast(builder, inputs[0]!.name, "float32");
  add("Mul", [zero ? add("Sub", [codes, cast(builder, zero, "float32")]) : codes, scale], {}, outputs);
}

function cast({ add }: ExpansionBuilder, name: Name, dtype: DType): Name {
  return add("Cast", [name], { to: intAttribute(dtypes.indexOf(dtype)) });
}

/** Scale and zero point in the shape of x. */
function repeatCoding(builder: ExpansionBuilder, blocks: Blocks): [Name, Name | undefined] {
  const [x, scale, zero] = builder.inputs;
  const zeroPoint = zero && repeat(builder, zero.name, x!.shape, zero.shape, blocks);
  return [repeat(builder, scale!.name, x!.shape, scale!.shape, blocks), zeroPoint];
}

/** Repeats each element block_size times along the axis; the last block may be shorter. */
function repeat(
  { add, integers, reshape }: ExpansionBuilder,
  name: Name,
  to: Shape,
  from: Shape,
  { axis, block_size }: Blocks,
): Name {
  const along = normalAxis(axis, to.length);
  const [before, after] = [from.slice(0, along), from.slice(along + 1)];
  const apart = reshape(name, [...before, from[along], 1, ...after]);
  const many = add("Expand", [apart, integers([...before, from[along], block_size, ...after])]);
  const joined = reshape(many, [...before, from[along] * block_size, ...after]);
  return add("Slice", [joined, integers([0]), integers([to[along]]), integers([along])]);
}
