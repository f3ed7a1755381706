// Standard normal numbers as data, for benchmarks and smoke tests. Only on request, never as a fallback.
import { ConfigError, UnsupportedError } from "../error.ts";
import { normals, seedOf } from "../tensor/seeded.ts";
import { elementCount } from "../tensor/shape.ts";
import { tensorOver } from "../tensor/tensor.ts";
import { type BatchAxes, inputText } from "./batch_axis.ts";
import type { ModelInput, Source } from "./source.ts";

/** `count` samples for all inputs; sample i depends only on the seed and i. */
export function randomSource(
  inputs: readonly ModelInput[],
  axes: BatchAxes,
  count: number,
  seed: number,
): Source {
  const shapes = inputs.map((input) => {
    const { name, shape, dtype } = input;
    if (dtype !== "float32") {
      throw new UnsupportedError(
        `Cannot draw random data for input "${name}": it is ${inputText(input)}, expected float32`,
      );
    }
    const axis = axes.get(name);
    const sample = axis === undefined ? shape : shape.toSpliced(axis, 1);
    if (sample.some((dim) => typeof dim === "string")) {
      throw new ConfigError(
        `Cannot draw random data for input "${name}": its shape ${inputText(input)} is open; give .npy files`,
      );
    }
    return sample as number[];
  });
  return {
    path: "random",
    kind: "samples",
    inputs: inputs.map(({ name }) => ({ name, whole: !axes.has(name), servesAll: false })),
    count,
    nameOf: (index) => `random sample ${index}`,
    read: async (index) => ({
      tensors: new Map(inputs.map(({ name }, i) => {
        const data = normals(elementCount(shapes[i]), seedOf(seedOf(seed, index), i));
        return [name, tensorOver("float32", shapes[i], data)];
      })),
    }),
  };
}
