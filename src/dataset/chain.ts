// Recurrent states: outputs that are fed back as inputs. The samples of a file are then a recording, in order.
import { ConfigError } from "../error.ts";
import { nearestWord } from "../files/nearest.ts";
import type { Batch } from "../plan/machine.ts";
import { bytesFor } from "../tensor/dtype.ts";
import { elementCount } from "../tensor/shape.ts";
import { type BatchAxes, inputText, unknownInput } from "./batch_axis.ts";
import type { ModelInput, Source } from "./source.ts";

/** By input, the output that feeds it from the second sample of a recording on. */
export type States = ReadonlyMap<string, string>;

/** @throws ConfigError for names unknown to the model. */
export function checkStates(
  states: States,
  inputs: readonly ModelInput[],
  outputs: readonly string[],
): States {
  for (const [input, output] of states) {
    if (!inputs.some(({ name }) => name === input)) {
      throw unknownInput(`chain "${input}" to "${output}"`, input, inputs);
    }
    if (outputs.includes(output)) continue;
    const near = nearestWord(output, outputs);
    throw new ConfigError(
      `Cannot chain "${input}" to "${output}": the model's outputs are ` +
        `${outputs.map((one) => `"${one}"`).join(", ")}${near ? `, did you mean "${near}"` : ""}`,
    );
  }
  return states;
}

/** A source of zeros, the initial states that the data do not contain. */
export function zeroStates(inputs: readonly ModelInput[], axes: BatchAxes): Source {
  const zeros = inputs.map((input) => {
    const axis = axes.get(input.name);
    const dims = axis === undefined ? input.shape : input.shape.toSpliced(axis, 1);
    const shape = dims.filter((dim) => typeof dim === "number");
    if (shape.length < dims.length) {
      throw new ConfigError(
        `Cannot begin state "${input.name}" with zeros: it is ${
          inputText(input)
        }, expected no open dimension but ` +
          "that of samples; give its first value in the data",
      );
    }
    const { dtype } = input;
    return [input.name, {
      dtype,
      shape,
      bytes: new Uint8Array(bytesFor(dtype, elementCount(shape))),
    }] as const;
  });
  return {
    path: "zeros",
    kind: "samples",
    inputs: inputs.map(({ name }) => ({ name, whole: !axes.has(name), servesAll: true })),
    count: 1,
    nameOf: () => "zeros",
    read: () => Promise.resolve({ tensors: new Map(zeros) }),
  };
}

/** A batch of one sample as part of a recording: states are fed only at its beginning. */
export function chainBatch(batch: Batch, states: States, begins: boolean): Batch {
  if (states.size === 0) return batch;
  const feeds = begins ? batch.feeds : new Map([...batch.feeds].filter(([name]) => !states.has(name)));
  return { ...batch, feeds, chain: { states, begins } };
}
