// Softmax, its logarithm and Hardmax along one axis of [outer][count][inner]; long contiguous rows get a workgroup
// each. The index in `softmaxKinds` is the shaders' `kind`.
import { constantsOf, kernel, type Numbers, type Words } from "./kernel.ts";

export const softmaxKinds = ["softmax", "logarithm", "hardmax"] as const;
export type SoftmaxKind = (typeof softmaxKinds)[number];

export const softmax = kernel("softmax", {
  constants: constantsOf("kind", softmaxKinds),
  writes: ["y"],
  grid: (n) => [Math.ceil((n.outer * n.inner) / 64)],
  reference: alongLines,
});

export const softmaxRows = kernel("softmax_rows", {
  constants: constantsOf("kind", softmaxKinds),
  writes: ["y"],
  grid: (n) => [n.rows],
  reference: (buffers, n) => alongLines(buffers, { ...n, outer: n.rows, inner: 1 }),
});

function alongLines({ x, y }: Readonly<Record<string, Words>>, n: Numbers) {
  const kind = softmaxKinds[n.kind];
  for (let line = 0; line < n.outer * n.inner; line++) {
    const first = Math.floor(line / n.inner) * n.count * n.inner + (line % n.inner);
    const at = (k: number) => first + k * n.inner;
    let place = 0;
    for (let k = 1; k < n.count; k++) if (x[at(k)] > x[at(place)]) place = k;
    const most = x[at(place)];
    let sum = 0;
    for (let k = 0; k < n.count; k++) sum += Math.exp(x[at(k)] - most);
    for (let k = 0; k < n.count; k++) {
      const soft = kind === "logarithm" ? x[at(k)] - most - Math.log(sum) : Math.exp(x[at(k)] - most) / sum;
      y[at(k)] = kind === "hardmax" ? Number(k === place) : soft;
    }
  }
}
