// Judges a network: the distance of its deployable form to the float network, on held-out samples.
import type { Graph } from "../../graph/graph.ts";
import { integerForm } from "../../passes/integer_form.ts";
import type { Batch, Machine } from "../../plan/machine.ts";
import { insertQdq } from "../../quantize/insert_qdq.ts";
import { sweep } from "../../run/sweep.ts";
import { rangeAt } from "../../tensor/stack.ts";
import { elements, floats, type Tensor } from "../../tensor/tensor.ts";
import type { Samples } from "../gradient/samples.ts";
import type { Tunable } from "../tunable.ts";
import { labels, type Target, targetNameOf } from "./trainable_network.ts";

export type Judge = (network: Tunable) => Promise<number>;

/** The loss over the samples from `from` on; `labelWeight` as in training. */
export function judgeOn(
  machine: Machine,
  { count, values }: Samples,
  targets: readonly Target[],
  { from, batch, labelWeight }: {
    readonly from: number;
    readonly batch: number;
    readonly labelWeight: number;
  },
): Judge {
  const cut = (name: string, at: number, rows: number) => rangeAt(values.get(name)!, 0, at, rows);
  return async ({ graph, encodings }) => {
    const compared: Graph = { ...graph, outputs: targets.map(({ name }) => name) };
    const quantized = integerForm(insertQdq(encodings)(compared));
    async function* batches(): AsyncGenerator<Batch> {
      for (let at = from; at < count; at += batch) {
        const rows = Math.min(batch, count - at);
        yield { count: rows, feeds: new Map(graph.inputs.map((name) => [name, cut(name, at, rows)])) };
      }
    }
    let [sum, at] = [0, from];
    for await (
      const { batch: { count: rows }, outputs: [found] } of sweep(machine, [quantized], batches())
    ) {
      for (const target of targets) {
        sum += rows * distanceOf(target, found.get(target.name)!, cut(targetNameOf(target.name), at, rows));
      }
      if (labelWeight > 0) {
        sum += labelWeight *
          entropyOf(found.get(targets[0].name)!, elements(cut(labels, at, rows)) as Int32Array);
      }
      at += rows;
    }
    return sum / (count - from);
  };
}

/** The mean over samples, defined as in the loss of a step (trainable_network.ts). */
function distanceOf({ size, areScores }: Target, found: Tensor, wanted: Tensor): number {
  const [y, z] = [floats(found), floats(wanted)];
  if (!areScores) return y.reduce((sum, v, i) => sum + (v - z[i]) ** 2, 0) / (y.length * size ** 2);
  const [q, p] = [found, wanted].map(logSoftmax);
  const places = y.length / found.shape[1];
  return p.reduce((sum, v, i) => sum + Math.exp(v) * (v - q[i]), 0) / places;
}

function entropyOf(scores: Tensor, wanted: Int32Array): number {
  const logs = logSoftmax(scores);
  const classes = logs.length / wanted.length;
  return wanted.reduce((sum, label, i) => label < 0 ? sum : sum - logs[i * classes + label], 0);
}

/** Along axis 1. */
function logSoftmax(scores: Tensor): Float64Array {
  const logs = Float64Array.from(floats(scores));
  const [rows, classes] = scores.shape;
  const inner = logs.length / (rows * classes);
  for (let row = 0; row < rows * inner; row++) {
    const first = Math.floor(row / inner) * classes * inner + row % inner;
    let [most, sum] = [-Infinity, 0];
    for (let c = 0; c < classes; c++) most = Math.max(most, logs[first + c * inner]);
    for (let c = 0; c < classes; c++) sum += Math.exp(logs[first + c * inner] - most);
    for (let c = 0; c < classes; c++) logs[first + c * inner] -= most + Math.log(sum);
  }
  return logs;
}
