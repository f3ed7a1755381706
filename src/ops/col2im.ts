// Col2Im (ONNX Col2Im-18 and newer), of one to three spatial axes.
import { ModelError, UnsupportedError } from "../error.ts";
import type { StaticValue } from "../graph/graph.ts";
import { col2im } from "../kernels/col2im.ts";
import { call } from "../kernels/kernel.ts";
import { elementCount } from "../tensor/shape.ts";
import { numbers } from "../tensor/tensor.ts";
import { type AttributesOf, constantInput, ints, op, optional, requireInput } from "./declare/op.ts";

const attributes = { dilations: optional(ints), pads: optional(ints), strides: optional(ints) };

export const Col2Im = op({
  since: 18,
  attributes,
  constantInputs: [1, 2],
  role: { kind: "resists" },
  infer(inputs, a) {
    const { dtype, shape } = requireInput(inputs, 0);
    const { image, kernel, blocks } = windowOf(inputs, a);
    const places = elementCount(kernel);
    if (shape.length !== 3 || shape[1] % places !== 0 || shape[2] !== elementCount(blocks)) {
      throw new ModelError(
        `Cannot make images of [${shape}]: expected [N, C · ${places}, ${elementCount(blocks)}]`,
      );
    }
    return [{ dtype, shape: [shape[0], shape[1] / places, ...image] }];
  },
  lower({ inputs, outputs }, a) {
    const window = windowOf(inputs, a);
    const numbers: Record<string, number> = { count: elementCount(outputs[0].shape) };
    const axes = ["z", "y", "x"];
    const sizes = ["depth", "height", "width"];
    axes.forEach((axis, i) => {
      // Fewer than three axes are the last ones.
      const at = i - 3 + window.image.length;
      numbers[sizes[i]] = window.image[at] ?? 1;
      numbers[`kernel_${axis}`] = window.kernel[at] ?? 1;
      numbers[`blocks_${axis}`] = window.blocks[at] ?? 1;
      numbers[`stride_${axis}`] = window.strides[at] ?? 1;
      numbers[`dilation_${axis}`] = window.dilations[at] ?? 1;
      numbers[`pad_${axis}`] = window.pads[at] ?? 0;
    });
    return [call(col2im, { x: inputs[0]!.buffer, y: outputs[0].buffer }, numbers)];
  },
});

/** Sizes by spatial axis; `blocks`: the number of window positions. */
function windowOf(inputs: readonly (StaticValue | undefined)[], a: AttributesOf<typeof attributes>) {
  const image = numbers(constantInput(inputs, 1, "shapes of pictures"));
  const kernel = numbers(constantInput(inputs, 2, "shapes of windows"));
  const axes = image.length;
  if (axes < 1 || axes > 3) {
    throw new UnsupportedError(`Cannot make images of ${axes} axes, expected 1 to 3`);
  }
  const strides = a.strides ?? new Array<number>(axes).fill(1);
  const dilations = a.dilations ?? new Array<number>(axes).fill(1);
  const pads = a.pads ?? new Array<number>(2 * axes).fill(0);
  const blocks = image.map((size, i) => {
    const reach = dilations[i] * (kernel[i] - 1) + 1;
    return Math.floor((size + pads[i] + pads[i + axes] - reach) / strides[i]) + 1;
  });
  return { image, kernel, strides, dilations, pads, blocks };
}
