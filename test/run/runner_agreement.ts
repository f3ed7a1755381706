// Whether a machine agrees with ONNX Runtime on graphs whose shapes depend on the data.
import fc from "fast-check";
import { runner } from "../../src/run/runner.ts";
import type { Machine } from "../../src/plan/machine.ts";
import { assertAgree, exact } from "../ops/agreement.ts";
import { byOnnxRuntime } from "../ops/one_node.ts";
import { chains } from "../passes/chains.ts";

/** Random chains, each run twice: the second run uses the plans of the first. The seed is for a rerun. */
export function assertChainsAgree(machine: Machine, numRuns: number, seed: number) {
  return fc.assert(
    fc.asyncProperty(chains, async (chain) => {
      const expected = await byOnnxRuntime(chain);
      const run = runner(machine, chain.graph);
      try {
        for (let i = 0; i < 2; i++) {
          const found = await run(chain.feeds);
          for (const name of chain.graph.outputs) {
            assertAgree(
              { "ONNX Runtime": expected.get(name)!, [machine.description]: found.get(name)! },
              exact,
            );
          }
        }
      } finally {
        run.release();
      }
    }),
    { numRuns, seed },
  );
}
