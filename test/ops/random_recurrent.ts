// Random recurrent layers: sizes, directions, which inputs are present and which are fed.
import fc from "fast-check";
import type { Shape } from "../../src/tensor/shape.ts";
import { type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { absolute } from "./agreement.ts";
import { int, type Row, text, valuesBetween } from "./one_node.ts";

const bound = absolute(
  1e-5,
  "sums, exponentials and quotients in single precision, fed back for up to nine steps",
);
const gatesOf = { RNN: 1, GRU: 3, LSTM: 4 };

export const recurrentNodes: fc.Arbitrary<Row> = fc.record({
  opType: fc.constantFrom("RNN", "GRU", "LSTM"),
  steps: fc.integer({ min: 1, max: 9 }),
  batch: fc.integer({ min: 1, max: 4 }),
  input: fc.integer({ min: 1, max: 7 }),
  hidden: fc.integer({ min: 1, max: 9 }),
  direction: fc.constantFrom("forward", "reverse", "bidirectional"),
  there: fc.nat({ max: 31 }),
  arrive: fc.nat({ max: 255 }),
  resetsAfter: fc.nat({ max: 1 }),
  coupled: fc.nat({ max: 1 }),
  seed: fc.nat({ max: 1000 }),
}).map(({ opType, steps, batch, input, hidden, direction, there, arrive, resetsAfter, coupled, seed }) => {
  const directions = direction === "bidirectional" ? 2 : 1;
  const gates = gatesOf[opType as keyof typeof gatesOf] * hidden;
  const part = (shape: Shape, more: number) => valuesBetween([directions, ...shape], -0.8, 0.8, seed + more);
  const maybe = (bit: number, make: () => Tensor) => there >> bit & 1 ? make() : undefined;
  const lengths = Array.from({ length: batch }, (_, i) => 1 + (seed + 3 * i) % steps);
  const cells = opType === "LSTM";
  const inputs = [
    valuesBetween([steps, batch, input], -2, 2, seed),
    part([gates, input], 1),
    part([gates, hidden], 2),
    maybe(0, () => part([2 * gates], 3)),
    maybe(1, () => tensor("int32", [batch], lengths)),
    maybe(2, () => part([batch, hidden], 4)),
    cells ? maybe(3, () => part([batch, hidden], 5)) : undefined,
    cells ? maybe(4, () => part([3 * hidden], 6)) : undefined,
  ];
  const fed = inputs.flatMap((one, i) => one && (i === 0 || arrive >> i & 1) ? [i] : []);
  return {
    opType,
    about:
      `${direction} [${steps},${batch},${input}] to ${hidden}, ${fed} arrive, ${there} there, seed ${seed}`,
    inputs,
    fed,
    attributes: {
      hidden_size: int(hidden),
      direction: text(direction),
      ...opType === "GRU" && { linear_before_reset: int(resetsAfter) },
      ...cells && { input_forget: int(coupled) },
    },
    opset: 14,
    outputs: cells ? 3 : 2,
    within: bound,
  };
});
