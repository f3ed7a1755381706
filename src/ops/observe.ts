// What calibration adds to a graph: x → its extent (least, greatest, how many are no finite numbers, 0) and the counts
// of its histogram. Both are reduced on the device, so only 8 KB a value and batch come back.
import { binCount, clear, histogram } from "../kernels/histogram.ts";
import { call } from "../kernels/kernel.ts";
import { rangePartial, rangeTotal, shareGroups } from "../kernels/range.ts";
import { paddedChannels, wordsOf } from "./layout.ts";
import { op, type Operand } from "./op.ts";

export const Observe = op({
  domain: "halftone",
  layout: "any",
  role: { kind: "resists" },
  infer: () => [{ dtype: "float32", shape: [4] }, { dtype: "uint32", shape: [binCount] }],
  lower({ inputs, outputs, scratch }) {
    const x = inputs[0] as Operand;
    const [extent, counts] = outputs;
    const last = x.layout === "channels_last";
    const count = wordsOf(x);
    const groups = shareGroups(count);
    const partial = scratch(groups * 4);
    const share = {
      count,
      channels: last ? x.shape[1] : 1,
      stride_channels: last ? paddedChannels(x.shape[1]) : 1,
    };
    return [
      call(rangePartial, { x: x.buffer, y: partial }, share),
      call(rangeTotal, { x: partial, y: extent.buffer }, { groups }),
      call(clear, { y: counts.buffer }, { count: binCount }),
      call(histogram, { x: x.buffer, extent: extent.buffer, y: counts.buffer }, share),
    ];
  },
});
