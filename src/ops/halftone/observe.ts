// Statistics for calibration: x → its extent (least, greatest, count of non-finite numbers, 0) and the counts of its
// histogram. Both are reduced on the device, so that only 8 KB per value and batch are read back.
import { binCount, histogram } from "../../kernels/histogram.ts";
import { call } from "../../kernels/kernel.ts";
import { range, shareGroups } from "../../kernels/range.ts";
import { padChannels, quadsOf, wordsOf } from "../lowering/layout.ts";
import { op, type Operand } from "../declare/op.ts";

export const Observe = op({
  domain: "halftone",
  planning: { layout: "any" },
  role: { kind: "resists" },
  infer: () => [{ dtype: "float32", shape: [4] }, { dtype: "uint32", shape: [binCount] }],
  lower({ inputs, outputs, scratch }) {
    const x = inputs[0] as Operand;
    const [extent, counts] = outputs;
    const quads = quadsOf(x);
    const groups = shareGroups(quads);
    const partial = scratch(groups * 4);
    const channels = x.layout === "channels_last" ? x.shape[1] : 0;
    const padded = Number(channels % 4 !== 0);
    const share = {
      quads,
      padded,
      blocks: Math.max(1, padChannels(channels) / 4),
      limit: padded ? channels : wordsOf(x),
    };
    return [
      call(range, { x: x.buffer, y: partial, counts: counts.buffer }, { ...share, bins: binCount }),
      call(histogram, { x: x.buffer, partial, extent: extent.buffer, y: counts.buffer }, {
        ...share,
        groups,
      }),
    ];
  },
});
