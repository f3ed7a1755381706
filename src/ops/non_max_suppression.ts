// NonMaxSuppression (ONNX NonMaxSuppression-10 and newer): for each class, the boxes with the highest scores that do
// not overlap a better one too much. In float32 like ONNX Runtime, so that borderline overlaps are decided alike.
import { ModelError } from "../error.ts";
import { floats, numbers, tensor } from "../tensor/tensor.ts";
import { onHost } from "./lowering/on_host.ts";
import { int } from "./declare/op.ts";

type Box = { readonly top: number; readonly left: number; readonly bottom: number; readonly right: number };

export const NonMaxSuppression = onHost({
  since: 10,
  attributes: { center_point_box: int(0) },
  inputs: 5,
  evaluate([boxes, scores, most, overlap, least], a) {
    const [batches, classes, count] = scores!.shape;
    if (boxes!.shape.join() !== [batches, count, 4].join()) {
      const expected = `expected [${[batches, count, 4]}]`;
      throw new ModelError(`Cannot select boxes: they are [${boxes!.shape}], ${expected}`);
    }
    const [sides, values] = [floats(boxes!), floats(scores!)];
    const limit = most ? numbers(most)[0] : 0;
    const threshold = overlap ? numbers(overlap)[0] : 0;
    const lowest = least ? numbers(least)[0] : -Infinity;
    const selected: number[] = [];
    for (let batch = 0; batch < batches; batch++) {
      const boxAt = (i: number) => boxOf(sides.subarray((batch * count + i) * 4), a.center_point_box !== 0);
      for (let own = 0; own < classes; own++) {
        const first = (batch * classes + own) * count;
        const order = Array.from({ length: count }, (_, i) => i).filter((i) => values[first + i] > lowest)
          .sort((i, j) => values[first + j] - values[first + i] || i - j);
        const kept: Box[] = [];
        for (const i of order) {
          if (kept.length >= limit) break;
          const box = boxAt(i);
          if (kept.some((other) => overlaps(box, other, threshold))) continue;
          kept.push(box);
          selected.push(batch, own, i);
        }
      }
    }
    return [tensor("int64", [selected.length / 3, 3], selected)];
  },
});

const f = Math.fround;

function boxOf([a, b, c, d]: Float32Array, isCenter: boolean): Box {
  if (!isCenter) {
    return { top: Math.min(a, c), left: Math.min(b, d), bottom: Math.max(a, c), right: Math.max(b, d) };
  }
  const [halfWidth, halfHeight] = [f(c / 2), f(d / 2)];
  return {
    top: f(b - halfHeight),
    left: f(a - halfWidth),
    bottom: f(b + halfHeight),
    right: f(a + halfWidth),
  };
}

/** Whether intersection over union exceeds the threshold. */
function overlaps(a: Box, b: Box, threshold: number): boolean {
  const width = f(Math.min(a.right, b.right) - Math.max(a.left, b.left));
  const height = f(Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));
  if (width <= 0 || height <= 0) return false;
  const shared = f(width * height);
  const areaOf = (box: Box) => f(f(box.bottom - box.top) * f(box.right - box.left));
  const [first, second] = [areaOf(a), areaOf(b)];
  const union = f(f(first + second) - shared);
  return first > 0 && second > 0 && union > 0 && f(shared / union) > threshold;
}
