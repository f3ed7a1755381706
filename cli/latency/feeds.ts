// The inputs of a query: the first samples of the data, or random numbers.
import { ConfigError, UnsupportedError } from "../../src/error.ts";
import { nearestWord } from "../../src/dataset/mod.ts";
import { normals, seedOf } from "../../src/tensor/seeded.ts";
import type { Dataset } from "../../src/dataset/mod.ts";
import type { ModelInput } from "../../src/dataset/source.ts";
import type { Feeds } from "../../src/plan/machine.ts";
import { elementCount, type Shape } from "../../src/tensor/shape.ts";
import { tensorOver } from "../../src/tensor/tensor.ts";
import type { Shapes } from "../options/bench.ts";

/**
 * The inputs' shapes for this batch size. --shapes takes precedence; otherwise an open first dimension is the batch,
 * and any other open dimension is an error.
 */
export function shapesFor(
  inputs: readonly ModelInput[],
  batch: number | undefined,
  given: Shapes = new Map(),
): Map<string, Shape> {
  for (const name of given.keys()) {
    if (inputs.some((input) => input.name === name)) continue;
    const near = nearestWord(name, inputs.map((input) => input.name));
    throw new ConfigError(
      `Cannot shape input "${name}": the model has no such input${near ? `, did you mean "${near}"?` : ""}`,
    );
  }
  return new Map(inputs.map((input) => [input.name, shapeFor(input, batch, given.get(input.name))]));
}

function shapeFor({ name, shape }: ModelInput, batch: number | undefined, given: Shape | undefined): Shape {
  const declared = `[${shape.join(", ")}]`;
  if (given) {
    const fits = given.length === shape.length &&
      shape.every((dim, i) => typeof dim === "string" || dim === given[i]);
    if (fits) return given;
    throw new ConfigError(
      `Cannot shape input "${name}" as [${given.join(", ")}]: the model declares ${declared}`,
    );
  }
  if (batch !== undefined && typeof shape[0] === "number" && shape[0] !== batch && batch !== 1) {
    throw new ConfigError(
      `Cannot run batch ${batch}: the model fixes input "${name}" to ${declared}, expected an open first dimension`,
    );
  }
  return shape.map((dim, i) => {
    if (typeof dim === "number") return dim;
    if (i === 0) return batch ?? 1;
    throw new ConfigError(
      `Cannot shape input "${name}": its dimension "${dim}" is open in ${declared}; pass --shapes ${name}:${
        shape.map((one, at) => typeof one === "number" ? one : at === 0 ? batch ?? 1 : "?").join("x")
      }`,
    );
  });
}

/** Random numbers, normally distributed. */
export function randomFeeds(
  inputs: readonly ModelInput[],
  shapes: ReadonlyMap<string, Shape>,
  seed: number,
): Feeds {
  return new Map(inputs.map(({ name, dtype }, i) => {
    if (dtype !== "float32") {
      throw new UnsupportedError(
        `Cannot generate random numbers for input "${name}": it is ${dtype}, expected float32; pass --data`,
      );
    }
    const shape = shapes.get(name)!;
    return [name, tensorOver(dtype, shape, normals(elementCount(shape), seedOf(seed, i)))];
  }));
}

/** The first batch of the data. @throws ConfigError if its shapes are not `shapes`. */
export async function dataFeeds(dataset: Dataset, shapes: ReadonlyMap<string, Shape>): Promise<Feeds> {
  for await (const { feeds } of dataset.batches()) {
    for (const [name, { shape }] of feeds) {
      const expected = shapes.get(name)!;
      if (String(shape) === String(expected)) continue;
      throw new ConfigError(
        `Cannot feed input "${name}" from --data: it has [${shape.join(", ")}], expected [${
          expected.join(", ")
        }]`,
      );
    }
    return feeds;
  }
  throw new ConfigError("Cannot feed the model: no sample of the data can be read");
}
