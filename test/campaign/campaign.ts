// A campaign: cases of a seed, drawn and judged one by one.
import { InferenceSession } from "onnxruntime-node";
import { encodeModel } from "../../src/onnx/mod.ts";
import type { Machine } from "../../src/plan/machine.ts";
import type { Case } from "./case.ts";
import { diceOf } from "./dice.ts";
import { drawNetwork, oldestOpset } from "./draw_network.ts";
import { drawWish } from "./draw_options.ts";
import { judge, judgedBatches, type Verdict } from "./judge.ts";
import type { Peer } from "./peer.ts";
import { shrunk } from "./shrink.ts";
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

  /** The case of this index: drawn again until it is one. `before`: what is done with each that is drawn. */
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
      const one = { ...drawn, seed: dice.whole(0, 2 ** 30), wish: drawWish(dice, drawn.graph) };
      await before(one);
      const verdict = await judge(one, this.machine);
      if (verdict.redraw) {
        this.summary.redraw(verdict.redraw);
        continue;
      }
      const judged = await this.besidePeer(one, verdict);
      this.summary.add(judged);
      return { one, verdict: judged };
    }
  }

  /** With what is worse than ONNX Runtime's own quantizer makes it: default options against default options. */
  private async besidePeer(one: Case, verdict: Verdict): Promise<Verdict> {
    const { options, finetune, way } = one.wish;
    const isPlain = Object.keys(options).length === 0 && !finetune && way === "qdq";
    if (!this.peer || !isPlain || verdict.failures.length > 0 || !verdict.sqnrDb) return verdict;
    const details = await this.peer.worse(one, verdict.sqnrDb, judgedBatches);
    return { ...verdict, failures: details.map((detail) => ({ stage: "accuracy", detail })) };
  }

  /** A smaller case that fails in this way. */
  shrink(one: Case, kind: string): Promise<Case> {
    return shrunk(one, async (candidate) => {
      try {
        const verdict = await this.besidePeer(candidate, await judge(candidate, this.machine));
        return verdict.failures.some((failure) => kindOf(failure) === kind);
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
