// A campaign: draws and judges the cases of one seed, one by one.
import { InferenceSession } from "onnxruntime-node";
import { encodeModel } from "../../src/onnx/mod.ts";
import type { Machine } from "../../src/plan/machine.ts";
import type { Case } from "./case.ts";
import { diceOf } from "./dice.ts";
import { drawNetwork, oldestOpset } from "./draw_network.ts";
import { drawRequest } from "./draw_options.ts";
import { judge, judgedBatches, type Verdict } from "./judge.ts";
import type { Peer } from "./peer.ts";
import { shrink } from "./shrink.ts";
import { kindOf, Summary } from "./summary.ts";

export class Campaign {
  readonly summary = new Summary();
  readonly newestOpset: number;
  private readonly machine: Machine;
  private readonly seed: number;

  private readonly peer?: Peer;

  private constructor(machine: Machine, seed: number, newestOpset: number, peer?: Peer) {
    this.peer = peer;
    this.machine = machine;
    this.seed = seed;
    this.newestOpset = newestOpset;
  }

  static async begin(machine: Machine, seed: number, peer?: Peer): Promise<Campaign> {
    return new Campaign(machine, seed, await newestOpset(), peer);
  }

  /** Draws the case with this index, again until it can be judged. `before` is called for each draw. */
  async judgeAt(
    index: number,
    before: (one: Case) => Promise<void> = () => Promise.resolve(),
  ): Promise<{ one: Case; verdict: Verdict }> {
    const dice = diceOf(this.seed, index);
    while (true) {
      const drawn = await drawNetwork(dice, this.newestOpset);
      if (!drawn) {
        this.summary.redraw("too few nodes");
        continue;
      }
      const one = { ...drawn, seed: dice.whole(0, 2 ** 30), request: drawRequest(dice, drawn.graph) };
      await before(one);
      const verdict = await judge(one, this.machine);
      if (verdict.redraw) {
        this.summary.redraw(verdict.redraw);
        continue;
      }
      const judged = await this.compareWithPeer(one, verdict);
      this.summary.add(judged);
      return { one, verdict: judged };
    }
  }

  /** Adds outputs that are worse than by ONNX Runtime's own quantizer: default options against default options. */
  private async compareWithPeer(one: Case, verdict: Verdict): Promise<Verdict> {
    const { options, finetune, form } = one.request;
    const isPlain = Object.keys(options).length === 0 && !finetune && form === "qdq";
    if (!this.peer || !isPlain || verdict.failures.length > 0 || !verdict.sqnrDb) return verdict;
    const details = await this.peer.worseOutputs(one, verdict.sqnrDb, judgedBatches);
    return { ...verdict, failures: details.map((detail) => ({ stage: "accuracy", detail })) };
  }

  /** A smaller case with the same kind of failure. */
  shrink(one: Case, kind: string): Promise<Case> {
    return shrink(one, async (candidate) => {
      try {
        const verdict = await this.compareWithPeer(candidate, await judge(candidate, this.machine));
        return verdict.failures.some((failure) => kindOf(failure) === kind);
      } catch {
        // A graph that cannot be encoded as a file is not a case.
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
