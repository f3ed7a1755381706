// The equation of an Einsum: a label for each axis of each operand and of the result. The axes of an ellipsis are
// labelled from the right: ".1" is the last.
import { ModelError } from "../../error.ts";
import type { Shape } from "../../tensor/shape.ts";

export type Equation = {
  readonly operands: readonly (readonly string[])[];
  readonly output: readonly string[];
};

export function parseEquation(equation: string, shapes: readonly Shape[]): Equation {
  const [inputs, result, ...more] = equation.replaceAll(/\s/g, "").split("->");
  const texts = inputs.split(",");
  const isWritten = [...texts, result ?? ""].every((one) => /^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/.test(one));
  if (!isWritten || more.length > 0 || texts.length !== shapes.length) {
    throw new ModelError(
      `Cannot read the equation "${equation}" for ${shapes.length} operands: expected letters, "..." and "->"`,
    );
  }
  const operands = texts.map((one, i) => labelsOf(one, equation, shapes[i].length));
  const hidden = operands.flat().filter((label) => label.startsWith("."));
  const spread = [...new Set(hidden)].sort((a, b) => Number(b.slice(1)) - Number(a.slice(1)));
  const output = result === undefined ? impliedOutput(operands.flat(), spread) : expand(result, spread);
  const unknown = output.find((label) => !operands.flat().includes(label));
  if (unknown !== undefined || new Set(output).size !== output.length) {
    throw new ModelError(
      `Cannot read the equation "${equation}": its result is "${result}", expected each label once, of an operand`,
    );
  }
  return { operands, output };
}

function labelsOf(one: string, equation: string, rank: number): string[] {
  const letters = one.replace("...", "").length;
  const hidden = one.includes("...") ? rank - letters : 0;
  if (hidden < 0 || letters + hidden !== rank) {
    throw new ModelError(
      `Cannot read the equation "${equation}": "${one}" stands for an operand of rank ${rank}`,
    );
  }
  return expand(one, Array.from({ length: hidden }, (_, i) => `.${hidden - i}`));
}

function expand(one: string, spread: readonly string[]): string[] {
  const [before, after] = one.split("...");
  return after === undefined ? [...before] : [...before, ...spread, ...after];
}

/** Without "->" the result has the ellipsis, then the letters that occur once, in alphabetical order. */
function impliedOutput(labels: readonly string[], spread: readonly string[]): string[] {
  const once = labels.filter((label) =>
    !label.startsWith(".") && labels.filter((one) => one === label).length === 1
  );
  return [...spread, ...once.sort()];
}

/** The size of each label; an axis of one broadcasts. */
export function sizesOf({ operands }: Equation, shapes: readonly Shape[]): Map<string, number> {
  const sizes = new Map<string, number>();
  operands.forEach((labels, i) =>
    labels.forEach((label, axis) => {
      const [size, known] = [shapes[i][axis], sizes.get(label) ?? 1];
      if (size !== known && size !== 1 && known !== 1) {
        throw new ModelError(
          `Cannot sum over "${
            label.replace(/^\..*/, "...")
          }": its sizes are ${known} and ${size}, expected one`,
        );
      }
      sizes.set(label, known === 1 ? size : known);
    })
  );
  return sizes;
}
