// Operators that only the host computes: the size of their results depends on the data.
import type { Tensor } from "../../tensor/tensor.ts";
import { type AttributesOf, type Op, op, type Specs } from "../declare/op.ts";

export type HostForm<S extends Specs> = {
  readonly since?: number;
  readonly attributes?: S;
  /** The number of inputs, including optional ones. */
  readonly inputs: number;
  readonly evaluate: (inputs: readonly (Tensor | undefined)[], attributes: AttributesOf<S>) => Tensor[];
};

export function onHost<S extends Specs>({ since, attributes, inputs, evaluate }: HostForm<S>): Op {
  return op({
    since,
    attributes,
    types: "all",
    role: { kind: "resists" },
    constantInputs: Array.from({ length: inputs }, (_, i) => i),
    infer(known, a) {
      const results = evaluate(known.map((input) => input?.constant), a);
      return results.map((constant) => ({ dtype: constant.dtype, shape: constant.shape, constant }));
    },
    host: evaluate,
  });
}
