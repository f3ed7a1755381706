// Rounds to the grid of a DPU's fixed-point numbers, floats in and out: 2^−fix_point times a code of bit_width bits. It
// is the operator `fix` of XIR (xir/op/built_in_ops.cpp) with round mode DPU_ROUND.
import { call } from "../../kernels/kernel.ts";
import { fix } from "../../kernels/fix.ts";
import { codeRange } from "../../tensor/dtype.ts";
import { everyElement } from "../declare/part_axes.ts";
import { int, op, type Operand } from "../declare/op.ts";
import { quadsOf } from "../lowering/layout.ts";
import { sameAsInput } from "../unary.ts";

export const fixAttributes = { fix_point: int(), bit_width: int() };

export const Fix = op({
  domain: "halftone",
  attributes: fixAttributes,
  planning: { layout: "any", partAxes: everyElement },
  role: { kind: "resists" },
  folds: false,
  infer: sameAsInput,
  lower({ inputs, outputs: [y] }, { fix_point, bit_width }) {
    const x = inputs[0] as Operand;
    const [code_low, code_high] = codeRange(bit_width, true);
    return [call(fix, { x: x.buffer, y: y.buffer }, {
      quads: quadsOf(x),
      per_step: 2 ** fix_point,
      step: 2 ** -fix_point,
      code_low,
      code_high,
    })];
  },
});
