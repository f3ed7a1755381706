// Saved engines with damaged headers or bytes, whose digest fits again: they are read as far as that needs no device.
import { engineBytes, parseEngine } from "../../src/files/engine.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { packPlan } from "../../src/plan/pack.ts";
import { printPlan } from "../../src/plan/print.ts";
import { seedOf } from "../../src/tensor/seeded.ts";
import { forgeEngine, headerOf, noDigest } from "../files/forge_engine.ts";
import { network } from "../plan/machine_suite.ts";
import { planOf } from "../plan/toy_plan.ts";
import { caseOf, changeBytes, changeTree, randomOf } from "./changes.ts";
import type { Kind } from "./kind.ts";

/** Three in four cases change the header, the others any byte. */
export async function engines(): Promise<Kind> {
  const plan = await packPlan(referenceMachine(), planOf(network).plan);
  const runs = [{ name: "fp32", madeFor: { device: "reference" }, plan }];
  const sample = engineBytes({ version: "0.1.0", model: { name: "toy", digest: "" }, runs }, noDigest);
  const header = JSON.parse(headerOf(sample));
  return {
    extension: "engine",
    draw(seed, index) {
      const random = randomOf(seedOf(seed, index));
      const bytes = random.below(4) > 0
        ? forgeEngine(sample, JSON.stringify(changeTree(header, random)))
        : changeBytes(sample, random);
      return caseOf("engine", seed, index, bytes);
    },
    run: async (bytes) => {
      for (const { plan } of parseEngine(bytes, noDigest).runs) printPlan(plan);
    },
  };
}
