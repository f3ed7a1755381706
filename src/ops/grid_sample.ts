// GridSample (ONNX GridSample-16 and newer) and AffineGrid (AffineGrid-20 and newer), which expands to a matrix
// product.
import { ModelError } from "../error.ts";
import type { StaticValue } from "../graph/graph.ts";
import { gridKinds, gridPaddings, gridSample } from "../kernels/grid_sample.ts";
import { call } from "../kernels/kernel.ts";
import { elementCount } from "../tensor/shape.ts";
import { numbers, tensor } from "../tensor/tensor.ts";
import { hostElements } from "./lowering/host_limit.ts";
import { constantInput, int, op, type Operand, requireInput, text } from "./declare/op.ts";

/** The names of the modes in GridSample-16. */
const renamed: Readonly<Record<string, string>> = { bilinear: "linear", bicubic: "cubic" };

export const GridSample = op({
  since: 16,
  attributes: { align_corners: int(0), mode: text("linear"), padding_mode: text("zeros") },
  role: { kind: "resists" },
  planning: { partAxes: () => ({ axes: 1, inputs: [1, 1] }) },
  infer(inputs, a) {
    const [x, grid] = [requireInput(inputs, 0), requireInput(inputs, 1)];
    const axes = x.shape.length - 2;
    const fits = (axes === 2 || axes === 3) && grid.shape.length === x.shape.length &&
      grid.shape.at(-1) === axes && grid.shape[0] === x.shape[0];
    if (!fits) {
      throw new ModelError(
        `Cannot sample [${x.shape}] at [${grid.shape}], expected [N, C, H, W] at [N, H, W, 2]`,
      );
    }
    if (axes === 3 && kindOf(a.mode) === 2) {
      throw new ModelError(
        `Cannot sample volumes [${x.shape}]: mode is "${a.mode}", expected linear or nearest`,
      );
    }
    if (gridPaddings.includes(a.padding_mode as "zeros")) {
      return [{ dtype: x.dtype, shape: [...x.shape.slice(0, 2), ...grid.shape.slice(1, -1)] }];
    }
    throw new ModelError(
      `Cannot sample: padding_mode is "${a.padding_mode}", expected ${gridPaddings.join(", ")}`,
    );
  },
  lower({ inputs, outputs }, attributes) {
    const [x, grid] = inputs as Operand[];
    const [y] = outputs;
    const [height, width] = x.shape.slice(-2);
    return [call(gridSample, { x: x.buffer, grid: grid.buffer, y: y.buffer }, {
      kind: kindOf(attributes.mode),
      padding: gridPaddings.indexOf(attributes.padding_mode as "zeros"),
      align: attributes.align_corners,
      axes: x.shape.length - 2,
      count: elementCount(y.shape),
      channels: x.shape[1],
      points: elementCount(y.shape.slice(2)),
      depth: x.shape.length === 5 ? x.shape[2] : 1,
      height,
      width,
    })];
  },
});

function kindOf(mode: string): number {
  const kind = gridKinds.indexOf((renamed[mode] ?? mode) as "linear");
  if (kind >= 0) return kind;
  throw new ModelError(`Cannot sample: mode is "${mode}", expected ${gridKinds.join(", ")}`);
}

export const AffineGrid = op({
  since: 20,
  attributes: { align_corners: int(0) },
  constantInputs: [1],
  role: { kind: "resists" },
  infer(inputs) {
    const { dtype, shape } = requireInput(inputs, 0);
    const [images, ...space] = spaceOf(inputs);
    const axes = space.length;
    if (shape.join() !== [images, axes, axes + 1].join()) {
      throw new ModelError(`Cannot make grids by [${shape}]: expected [${[images, axes, axes + 1]}]`);
    }
    return [{ dtype, shape: [images, ...space, axes] }];
  },
  expand({ inputs, outputs, add, constant, reshape, transpose }, a) {
    const [images, ...space] = spaceOf(inputs);
    const axes = space.length;
    const points = constant(
      tensor("float32", [elementCount(space), axes + 1], pointsOf(space, a.align_corners)),
    );
    const turned = transpose(inputs[0]!.name, [0, 2, 1]);
    const flat = add("MatMul", [points, turned]);
    reshape(flat, [images, ...space, axes], outputs);
  },
});

/** N and the spatial sizes. */
function spaceOf(inputs: readonly (StaticValue | undefined)[]): number[] {
  const size = numbers(constantInput(inputs, 1, "sizes"));
  if (size.length === 4 || size.length === 5) return [size[0], ...size.slice(2)];
  throw new ModelError(`Cannot make a grid of [${size}], expected [N, C, H, W] or [N, C, D, H, W]`);
}

/** The centers of all pixels as (x, y, …, 1): from −1 to 1, or half a pixel further inside. */
function pointsOf(space: readonly number[], align: number): Float32Array {
  const points = new Float32Array(hostElements([...space, space.length + 1]));
  let next = 0;
  for (let i = 0; i < elementCount(space); i++) {
    let rest = i;
    for (const size of space.toReversed()) {
      const at = rest % size;
      rest = Math.floor(rest / size);
      points[next++] = align ? -1 + (2 * at) / Math.max(size - 1, 1) : (2 * at + 1) / size - 1;
    }
    points[next++] = 1;
  }
  return points;
}
