// Tables for spectra (ONNX HannWindow-17, HammingWindow-17, BlackmanWindow-17, MelWeightMatrix-17): constants, once
// their sizes are known.
import { UnsupportedError } from "../error.ts";
import type { StaticValue } from "../graph/graph.ts";
import { dtypes } from "../tensor/dtype.ts";
import { fromNumbers, numbers, type Tensor } from "../tensor/tensor.ts";
import { hostElements } from "./lowering/host_limit.ts";
import { constantInput, int, op } from "./declare/op.ts";

const staticValue = (constant: Tensor): StaticValue => ({
  dtype: constant.dtype,
  shape: constant.shape,
  constant,
});

const readable = /^(b?float(16|32|64)|u?int(8|16|32|64))$/;

function table(code: number, shape: readonly number[], values: readonly number[]): StaticValue {
  const dtype = dtypes[code] ?? "undefined";
  if (!readable.test(dtype)) throw new UnsupportedError(`Cannot make a table of ${dtype}, expected numbers`);
  return staticValue(fromNumbers(dtype, shape, dtype.endsWith("int64") ? values.map(Math.trunc) : values));
}

/**
 * Σ over i of coefficients[i] · cos(2πi · n / N), where N is the size of a periodic window, else the size minus one.
 */
function cosineWindow(coefficients: readonly number[]) {
  return op({
    since: 17,
    attributes: { output_datatype: int(1), periodic: int(1) },
    constantInputs: [0],
    runtime: {
      // ONNX Runtime has windows in float32 and float64.
      float32Only: () => true,
    },
    types: "numbers",
    role: { kind: "resists" },
    infer(inputs, a) {
      const size = numbers(constantInput(inputs, 0, "sizes of windows"))[0];
      const turn = 2 * Math.PI / (a.periodic ? size : size - 1);
      const at = (n: number) => coefficients.reduce((sum, c, i) => sum + c * Math.cos(i * n * turn), 0);
      return [
        table(a.output_datatype, [size], Array.from({ length: hostElements([size]) }, (_, n) => at(n))),
      ];
    },
  });
}

export const HannWindow = cosineWindow([0.5, -0.5]);
export const HammingWindow = cosineWindow([25 / 46, -21 / 46]);
export const BlackmanWindow = cosineWindow([0.42, -0.5, 0.08]);

export const MelWeightMatrix = op({
  since: 17,
  attributes: { output_datatype: int(1) },
  constantInputs: [0, 1, 2, 3, 4],
  runtime: { float32Only: () => true },
  types: "numbers",
  role: { kind: "resists" },
  infer(inputs, a) {
    const [bands, length, rate, low, high] = [0, 1, 2, 3, 4].map((i) =>
      numbers(constantInput(inputs, i, "numbers of bands and frequencies"))[0]
    );
    const bins = Math.floor(length / 2) + 1;
    const melOf = (hertz: number) => 2595 * Math.log10(1 + hertz / 700);
    const step = (melOf(high) - melOf(low)) / (bands + 2);
    const edges = Array.from({ length: bands + 2 }, (_, i) => {
      const hertz = 700 * (10 ** ((melOf(low) + i * step) / 2595) - 1);
      return Math.floor((length + 1) * hertz / rate);
    });
    const weights = new Array<number>(bins * bands).fill(0);
    for (let band = 0; band < bands; band++) {
      const [lower, center, higher] = edges.slice(band, band + 3);
      const setWeight = (bin: number, weight: number) => bin < bins && (weights[bin * bands + band] = weight);
      if (center === lower) setWeight(center, 1);
      else for (let bin = lower; bin <= center; bin++) setWeight(bin, (bin - lower) / (center - lower));
      for (let bin = center; bin < higher; bin++) setWeight(bin, (higher - bin) / (higher - center));
    }
    return [table(a.output_datatype, [bins, bands], weights)];
  },
});
