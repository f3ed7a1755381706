// The demo's model on drawn pictures: finetuning recovers what three-bit weights lose, reproducibly.
import assert from "node:assert/strict";
import test, { after } from "node:test";
import { type Calibration, type Dataset, evaluate, finetune, quantize } from "../../src/mod.ts";
import { floats } from "../../src/tensor/tensor.ts";
import { openDrawnDemo } from "./drawn_demo.ts";

const { calibration, close, drawn, machine, model, pictures } = await openDrawnDemo(3);
after(close);

const weightsOf = ({ graph, placed }: Calibration) =>
  placed.weights.map(({ name }) => Array.from(floats(graph.values.get(name)!.constant!)));

test("finetune: the errors of every layer and of the network fall, reproducibly", async () => {
  const heard: string[] = [];
  const tuned = await finetune(calibration, drawn, machine, (done, total) => heard.push(`${done}/${total}`));
  const { accepted, layers, outputError } = tuned.finetune!;
  assert.ok(accepted && outputError.after < outputError.before);
  for (const { name, before, after, why } of layers) assert.ok(why || after! < before!, name);
  assert.equal(heard[0], `0/${layers.length}`);
  assert.equal(heard.at(-1), `${layers.length}/${layers.length}`);
  const [rounded, mended] = await Promise.all(
    [calibration, tuned].map(({ graph, encodings }) =>
      evaluate(model, quantize(graph, encodings), drawn, machine)
    ),
  );
  assert.ok(
    mended.outputSqnrDb > rounded.outputSqnrDb + 3,
    `${rounded.outputSqnrDb} dB calibrated, ${mended.outputSqnrDb} dB tuned`,
  );
  const again = await finetune(calibration, drawn, machine);
  assert.deepEqual(weightsOf(again), weightsOf(tuned));
  assert.deepEqual(again.finetune, tuned.finetune);
});

test("finetune: one image is enough", async () => {
  const tuned = await finetune(calibration, await pictures(1), machine);
  const { layers, outputError } = tuned.finetune!;
  assert.equal(layers.length, calibration.placed.weights.length);
  assert.ok(Number.isFinite(outputError.after));
  assert.ok(weightsOf(tuned).flat().every(Number.isFinite));
});

test("finetune: inputs of zeros leave layers as calibrated, each with a reason", async () => {
  const zeros: Pick<Dataset, "count" | "batches"> = {
    count: 8,
    async *batches() {
      for await (const batch of drawn.batches()) {
        const feeds = [...batch.feeds].map(([name, feed]) =>
          [name, { ...feed, bytes: new Uint8Array(feed.bytes.length) }] as const
        );
        yield { ...batch, feeds: new Map(feeds) };
        return;
      }
    },
  };
  const { finetune: found } = await finetune(calibration, zeros, machine);
  assert.match(found!.layers[0].why ?? "tuned", /constant or zero/);
});
