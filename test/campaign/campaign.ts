// A campaign: cases of a seed, drawn and judged one by one.
import { InferenceSession } from "onnxruntime-node";
import { encodeModel } from "../../src/onnx/mod.ts";
import type { Machine } from "../../src/plan/machine.ts";
import type { Case } from "./case.ts";
import { diceOf } from "./dice.ts";
import { drawNetwork, oldestOpset } from "./draw_network.ts";
import { drawWish } from "./draw_options.ts";
import { judge, type Verdict } from "./judge.ts";
import { shrunk } from "./shrink.ts";
import { kindOf, Summary } from "./summary.ts";

export class Campaign {
  readonly summary = new Summary();
  readonly newestOpset: number;
  private readonly machine: Machine;
  private readonly seed: number;

  private constructor(machine: Machine, seed: number, newestOpset: number) {
    this.machine = machine;
    this.seed = seed;
    this.newestOpset = newestOpset;
  }

  static async begin(machine: Machine, seed: number): Promise<Campaign> {
    return new Campaign(machine, seed, await newestOpset());
  }

  /** The case of this index: drawn again until it is one. */
  async judgeAt(index: number): Promise<{ one: Case; verdict: Verdict }> {
    const dice = diceOf(this.seed, index);
    while (true) {
      const drawn = await drawNetwork(dice, this.newestOpset);
      if (!drawn) {
        this.summary.redraw("too few nodes");
        continue;
      }
      const one = { ...drawn, seed: dice.whole(0, 2 ** 30), wish: drawWish(dice, drawn.graph) };
      const verdict = await judge(one, this.machine);
      if (verdict.redraw) {
        this.summary.redraw(verdict.redraw);
        continue;
      }
      this.summary.add(verdict);
      return { one, verdict };
    }
  }

  /** A smaller case that fails in this way. */
  shrink(one: Case, kind: string): Promise<Case> {
    return shrunk(one, async (candidate) => {
      try {
        return (await judge(candidate, this.machine)).failures.some((failure) => kindOf(failure) === kind);
      } catch {
        // What cannot be written as a file is no case.
        return false;
      }
    });
  }
}

/** The newest opset that this ONNX Runtime loads. */
async function newestOpset(): Promise<number> {
  for (let opset = 40; opset > oldestOpset; opset--) {
    if (await loads(opset)) return opset;
  }
  return oldestOpset;
}

async function loads(opset: number): Promise<boolean> {
  const attributes = new Map();
  const node = { opType: "Identity", domain: "", name: "", inputs: ["x"], outputs: ["y"], attributes };
  const values = new Map([["x", { dtype: "float32", shape: [1] } as const]]);
  const graph = { name: "opset", nodes: [node], values, inputs: ["x"], outputs: ["y"], opset };
  try {
    const session = await InferenceSession.create(encodeModel(graph), { logSeverityLevel: 4 });
    await session.release();
    return true;
  } catch {
    return false;
  }
}
