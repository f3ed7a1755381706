// Compares halftone with ONNX Runtime's own quantizer, in one Python process per campaign.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Graph, Name } from "../../src/graph/graph.ts";
import { encodeModel } from "../../src/onnx/mod.ts";
import type { Feeds, Outputs } from "../../src/plan/machine.ts";
import { elementCount } from "../../src/tensor/shape.ts";
import { numbers } from "../../src/tensor/tensor.ts";
import { batchesOf, type Case } from "./case.ts";
import { compareOutputs } from "./compare.ts";
import { graphsWithNoise, type Noise } from "./noise.ts";
import { runInRuntime, runUnoptimized } from "./runtime.ts";

/**
 * Networks are small, so either tool is lucky now and then; wrong ranges, scales or biases cost ten decibels and more.
 */
export const marginDb = 6;
/** Elements of an output over all batches: with fewer, luck decides by any number of decibels. */
const leastElements = 16;
/** Above this both are right: two 8-bit roundings leave as much. */
const enoughDb = 42;

/** An 8-bit code is off by up to half a step. */
const halfStep: Noise = { share: 2 ** -9, of: "largest" };

/** The worst SQNR of each output with this noise in every value. */
async function sqnrUnderCodes(
  graph: Graph,
  feeds: readonly Feeds[],
  float: readonly Outputs[],
): Promise<ReadonlyMap<Name, number>> {
  const least = new Map<Name, number>();
  for (const noisy of await graphsWithNoise(graph, feeds, [1, 2, 3, 4], halfStep)) {
    const moved = await runUnoptimized(noisy, feeds);
    for (const { name, sqnrDb } of compareOutputs(graph.outputs, float, moved)) {
      least.set(name, Math.min(least.get(name) ?? Infinity, sqnrDb));
    }
  }
  return least;
}

export class Peer {
  private readonly child;
  private readonly lines: AsyncIterator<string>;
  private readonly folder = mkdtempSync(join(tmpdir(), "halftone-campaign-"));
  compared = 0;

  constructor(python: string) {
    const script = new URL("quantize_static.py", import.meta.url).pathname;
    this.child = spawn(python, [script], { stdio: ["pipe", "pipe", "ignore"] });
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  /** A sentence for each output that is worse in halftone's file, whose SQNR is given, than in the peer's. */
  async worseOutputs(one: Case, sqnrDb: ReadonlyMap<string, number>, batches: number): Promise<string[]> {
    const feeds = batchesOf(one, batches);
    const file = await this.quantize(one, feeds);
    const theirs = file && await runInRuntime(file, feeds, "all").catch(() => undefined);
    if (!theirs) return [];
    const float = await runUnoptimized(one.graph, feeds);
    this.compared++;
    const found = compareOutputs(one.graph.outputs, float, theirs).flatMap(
      ({ name, sqnrDb: db, mismatch }) => {
        const count = float.reduce((sum, outputs) => sum + elementCount(outputs.get(name)!.shape), 0);
        if (count < leastElements) return [];
        const ours = sqnrDb.get(name) ?? Infinity;
        if (mismatch || db === Infinity || ours >= Math.min(db - marginDb, enoughDb)) return [];
        return [{ name, ours, db }];
      },
    );
    const least = found.length > 0 ? await sqnrUnderCodes(one.graph, feeds, float) : new Map<Name, number>();
    return found.filter(({ name, ours }) => ours < least.get(name)! - marginDb).map(({ name, ours, db }) =>
      `output "${name}" has ${ours.toFixed(1)} dB, ${db.toFixed(1)} dB by ONNX Runtime's quantize_static`
    );
  }

  private async quantize(one: Case, feeds: ReturnType<typeof batchesOf>): Promise<Uint8Array | undefined> {
    const [model, out] = ["model.onnx", "quantized.onnx"].map((name) => join(this.folder, name));
    writeFileSync(model, encodeModel(one.graph));
    const plain = feeds.map((feed) =>
      Object.fromEntries([...feed].map(([name, t]) => [name, [t.shape, numbers(t)]]))
    );
    this.child.stdin.write(`${JSON.stringify({ model, out, feeds: plain })}\n`);
    const { value } = await this.lines.next();
    return value && !JSON.parse(value).error ? readFileSync(out) : undefined;
  }

  close() {
    this.child.kill();
    rmSync(this.folder, { recursive: true });
  }
}
