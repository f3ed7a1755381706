// Second moments by im2col in doubles, the reference for src/ops/halftone/moments.ts.
import { windowOver } from "../../src/ops/lowering/window.ts";
import { seededFloats } from "../kernels/row.ts";

export type Convolution = {
  readonly x: readonly [number, number, number, number];
  readonly w: readonly [number, number, number, number];
  readonly groups?: number;
  readonly strides?: readonly number[];
  readonly pads?: readonly number[];
  readonly dilations?: readonly number[];
};

/** One column per position: the patch of every group in the order of its weights. */
export function patchesOf(x: ArrayLike<number>, convolution: Convolution): number[][][] {
  const { groups = 1, strides = [], pads = [], dilations = [] } = convolution;
  const [images, channels, height, width] = convolution.x;
  const [, perGroup, ...kernel] = convolution.w;
  const window = windowOver([height, width], kernel, { strides, pads, dilations, auto_pad: "NOTSET" });
  const element = (image: number, c: number, iy: number, ix: number) =>
    iy < 0 || iy >= height || ix < 0 || ix >= width
      ? 0
      : x[((image * channels + c) * height + iy) * width + ix];
  return Array.from({ length: groups }, (_, group) => {
    const columns: number[][] = [];
    for (let image = 0; image < images; image++) {
      for (let oy = 0; oy < window.out[0]; oy++) {
        for (let ox = 0; ox < window.out[1]; ox++) {
          const patch: number[] = [];
          for (let c = 0; c < perGroup; c++) {
            for (let r = 0; r < kernel[0]; r++) {
              for (let s = 0; s < kernel[1]; s++) {
                const iy = oy * window.strides[0] - window.before[0] + r * window.dilations[0];
                const ix = ox * window.strides[1] - window.before[1] + s * window.dilations[1];
                patch.push(element(image, group * perGroup + c, iy, ix));
              }
            }
          }
          columns.push(patch);
        }
      }
    }
    return columns;
  });
}

/** [groups, K + 1 + outputs, K + 2], from patches and the outputs at the same positions, y[group][position][output]. */
export function momentsOfPatches(patches: number[][][], y: number[][][]): number[] {
  return patches.flatMap((columns, group) => {
    const z = columns.map((patch, i) => [...patch, 1, ...y[group][i]]);
    const depth = columns[0].length;
    return z[0].flatMap((_, a) =>
      Array.from({ length: depth + 2 }, (_, b) => z.reduce((sum, v) => sum + v[a] * v[b > depth ? a : b], 0))
    );
  });
}

/** Moments of random patches whose outputs are a random linear function of them plus noise. */
export function randomMoments(depth: number, outputs: number, positions: number, seed: number, rank = depth) {
  const source = seededFloats(positions * rank, seed);
  const mix = seededFloats(rank * depth, seed + 1);
  const weights = seededFloats(outputs * depth, seed + 2);
  const noise = seededFloats(positions * outputs, seed + 3);
  const patches = Array.from({ length: positions }, (_, p) =>
    Array.from({ length: depth }, (_, k) => {
      let sum = 0;
      for (let r = 0; r < rank; r++) {
        sum += source[p * rank + r] *
          (rank === depth ? Number(r === k) || mix[r * depth + k] / 4 : mix[r * depth + k]);
      }
      return sum;
    }));
  const y = patches.map((patch, p) =>
    Array.from(
      { length: outputs },
      (_, o) =>
        patch.reduce((sum, v, k) => sum + v * weights[o * depth + k], 0.3 + noise[p * outputs + o] / 20),
    )
  );
  return {
    weights,
    moments: { groups: 1, depth, outputs, sums: Float64Array.from(momentsOfPatches([patches], [y])) },
  };
}
