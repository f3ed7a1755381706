// The weighted negative score of each target's class, x: [outer][classes][inner], and the weight itself: the terms of
// NegativeLogLikelihoodLoss.
import { kernel } from "./kernel.ts";

export const pickClass = kernel("pick_class", {
  writes: ["loss", "share"],
  grid: (n) => [Math.ceil((n.outer * n.inner) / 64)],
  reference({ x, target_class, weight, loss, share }, n) {
    for (let i = 0; i < n.outer * n.inner; i++) {
      const c = target_class[i];
      const counts = c >= 0 && c < n.classes && !(n.has_ignored && c === n.ignored);
      const at = (Math.floor(i / n.inner) * n.classes + c) * n.inner + (i % n.inner);
      share[i] = counts ? n.has_weight ? weight[c] : 1 : 0;
      loss[i] = counts ? -x[at] * share[i] : 0;
    }
  },
});
