// Pools over one to three axes. torch pads both ends of an axis alike, by half a kernel at most; other pads become an
// operator before.
import { int, ints, readAttributes } from "../../ops/declare/op.ts";
import { boolText, listText, torchCall } from "../code.ts";
import { padsText, windowOf } from "./window.ts";
import { refuse, type Row, type Rows } from "./row.ts";

const attributes = {
  kernel_shape: ints(),
  ceil_mode: int(0),
  count_include_pad: int(0),
  storage_order: int(0),
};
/** Below every float32. */
const lowest = 'float("-inf")';

const maxPool: Row = (node, from) => {
  const { kernel_shape: kernel, ceil_mode } = readAttributes(node, attributes);
  if (node.outputs.length > 1) refuse("its indices are read");
  const { strides, dilations, before, after, isEven } = windowOf(node, kernel, from);
  const isOwn = isEven && before.every((pad, i) => pad <= kernel[i] / 2);
  if (!isOwn && ceil_mode) refuse(`ceil_mode is 1 with pads [${[...before, ...after]}], expected equal pads`);
  const x = from.tensor(node.inputs[0]);
  const input = isOwn ? x : torchCall("constant_pad_nd", x, padsText(before, after), lowest);
  const lists = [kernel, strides, isOwn ? before : before.map(() => 0), dilations].map(listText);
  return torchCall(`max_pool${kernel.length}d`, input, ...lists, boolText(ceil_mode));
};

const averagePool: Row = (node, from) => {
  const { kernel_shape: kernel, ceil_mode, count_include_pad } = readAttributes(node, attributes);
  const { strides, dilations, before, after, isEven } = windowOf(node, kernel, from);
  if (dilations.some((step) => step !== 1)) refuse(`dilations are [${dilations}], expected 1`);
  const isOwn = isEven && before.every((pad, i) => pad <= kernel[i] / 2);
  if (!isOwn && ceil_mode) refuse(`ceil_mode is 1 with pads [${[...before, ...after]}], expected equal pads`);
  const x = from.tensor(node.inputs[0]);
  const pool = (input: string, pads: readonly number[], counts: boolean) => {
    const lists = [kernel, strides, pads].map(listText);
    const last = kernel.length === 1 ? [] : ["None"];
    return torchCall(
      `avg_pool${kernel.length}d`,
      input,
      ...lists,
      boolText(ceil_mode),
      boolText(counts),
      ...last,
    );
  };
  if (isOwn) return pool(x, before, count_include_pad === 1);
  const none = before.map(() => 0);
  const padded = (input: string) => torchCall("constant_pad_nd", input, padsText(before, after), "0.0");
  const mean = pool(padded(x), none, true);
  // The share of each window that is not padding.
  return count_include_pad
    ? mean
    : torchCall("div", mean, pool(padded(torchCall("ones_like", x)), none, true));
};

const globalPool = (name: string): Row => ({ inputs: [x] }, from) => {
  const axes = Array.from({ length: from.rank(x) - 2 }, (_, i) => i + 2);
  return torchCall(name, from.tensor(x), listText(axes), "True");
};

export const poolRows: Rows = {
  AveragePool: averagePool,
  GlobalAveragePool: globalPool("mean"),
  GlobalMaxPool: globalPool("amax"),
  MaxPool: maxPool,
};
