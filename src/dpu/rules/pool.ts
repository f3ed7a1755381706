// Pools: maxima and averages.
import type { Limits, PoolEngine } from "../limits/limits.ts";
import type { Breach, Rule, Site } from "./rule.ts";
import { checkKernel, checkPadsWithin, checkStride, type Window, windowOf } from "./window.ts";

function withoutPool({ op }: Site, { name, maxPool, averagePool }: Limits): Breach {
  return maxPool || averagePool
    ? { constraint: `${name} does not support ${op.type}.`, change: "use a convolution with a stride" }
    : { constraint: `${name} does not have pool-engine.`, change: "use a convolution with a stride" };
}

function checkWindow(window: Window, engine: PoolEngine, { input }: Site): Breach | undefined {
  return checkKernel(window.kernel, engine.kernel) ??
    checkStride(window, engine.stride, input) ??
    checkPadsWithin(window.pad, window.kernel, engine.pads);
}

/** Widest and highest window of an engine that reduces by maxima. */
const [widest, highest] = [100, 2];

/** A window that is too wide for a pool. (Upstream stops with an error here.) */
function checkReduction({ kernel: [width, height] }: Window): Breach | undefined {
  if (width > widest) {
    return {
      constraint: `'kernel_width'(${width}) is not in DPU supported range [1, ${widest}]`,
      change: `use windows of at most ${widest} columns`,
    };
  }
  if (height <= highest) return undefined;
  return {
    constraint: `'kernel_height'(${height}) is not in DPU supported range [1, ${highest}]`,
    change: `use windows of at most ${highest} rows, or of fewer columns`,
  };
}

export const maxPool: Rule = (site, limits) => {
  const engine = limits.maxPool;
  if (!engine) return withoutPool(site, limits);
  const window = windowOf(site.op);
  if (limits.reducesMax && !limits.alu && checkKernel([window.kernel[0], window.kernel[0]], engine.kernel)) {
    return checkReduction(window);
  }
  return checkWindow(window, engine, site);
};

export const averagePool: Rule = (site, limits) => {
  const engine = limits.averagePool;
  if (!engine) return withoutPool(site, limits);
  const window = windowOf(site.op);
  const [width, height] = window.kernel;
  if (!limits.alu && width !== height) {
    return {
      constraint:
        `DPU only supports avgpool with square kernel, but this op has kernel ${width} x ${height}.`,
      change: "use a square window",
    };
  }
  return checkWindow(window, engine, site);
};
