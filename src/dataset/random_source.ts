// Standard normal numbers in place of data, for benchmarks and smoke tests. Asked for by name, never a
// fallback.
import { ConfigError, UnsupportedError } from "../error.ts";
import { elementCount } from "../tensor/shape.ts";
import { tensorOver } from "../tensor/tensor.ts";
import { normals, seedOf } from "../tensor/seeded.ts";
import type { ModelInput, Source } from "./source.ts";

/** `count` samples for all inputs; sample i depends on the seed and i only. */
export function randomSource(inputs: readonly ModelInput[], count: number, seed: number): Source {
  const shapes = inputs.map(({ name, shape, dtype }) => {
    const described = `${dtype} [${shape.join(",")}]`;
    if (dtype !== "float32") {
      throw new UnsupportedError(
        `Cannot draw random data for input "${name}": it is ${described}, expected float32`,
      );
    }
    const sample = shape.slice(1);
    if (sample.some((dim) => typeof dim === "string")) {
      throw new ConfigError(
        `Cannot draw random data for input "${name}": its shape ${described} is open; give .npy files`,
      );
    }
    return sample as number[];
  });
  return {
    path: "random",
    kind: "samples",
    inputs: inputs.map(({ name }) => name),
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
