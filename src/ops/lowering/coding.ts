// Checks of the scales and zero points of QuantizeLinear and DequantizeLinear, if they are constants.
import { ModelError } from "../../error.ts";
import type { StaticValue } from "../../graph/graph.ts";
import { elementCount, normalAxis, sameShape } from "../../tensor/shape.ts";
import { numbers } from "../../tensor/tensor.ts";

type Layout = { readonly axis: number; readonly block_size: number };

/** Refuses scales that are not positive, and counts that do not match x. */
export function checkCoding(
  x: StaticValue,
  scale: StaticValue,
  zeroPoint: StaticValue | undefined,
  a: Layout,
) {
  checkScales(scale);
  if (zeroPoint && !sameShape(zeroPoint.shape, scale.shape) && elementCount(scale.shape) > 1) {
    throw new ModelError(
      `Cannot quantize: zero points are [${zeroPoint.shape}], scales [${scale.shape}], expected one shape`,
    );
  }
  if (zeroPoint && elementCount(zeroPoint.shape) !== elementCount(scale.shape)) {
    throw new ModelError(
      `Cannot quantize: there are ${elementCount(zeroPoint.shape)} zero points and ${
        elementCount(scale.shape)
      } scales, expected one of each per channel`,
    );
  }
  if (a.block_size === 0) return checkAxis(x, scale, a);
  if (scale.shape.length !== x.shape.length) {
    throw new ModelError(
      `Cannot quantize [${x.shape}] in blocks of ${a.block_size}: scales are [${scale.shape}], expected the same rank`,
    );
  }
}

/** Refuses constant scales that are zero, negative or NaN. */
export function checkScales({ constant }: StaticValue) {
  const wrong = constant && numbers(constant).find((one) => !(one > 0 && one < Infinity));
  if (wrong === undefined) return;
  throw new ModelError(
    `Cannot quantize: a scale is ${wrong}, expected a positive number; quantize the model again`,
  );
}

/** Refuses several scales unless there is one per element of the axis. */
export function checkAxis(
  { shape }: Pick<StaticValue, "shape">,
  scale: StaticValue,
  { axis }: Pick<Layout, "axis">,
) {
  const scales = elementCount(scale.shape);
  if (scales === 1) return;
  const along = normalAxis(axis, shape.length);
  if (shape[along] === scales) return;
  throw new ModelError(
    `Cannot quantize [${shape}] along axis ${along}: there are ${scales} scales, expected ${shape[along]}`,
  );
}
