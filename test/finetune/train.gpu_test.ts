// The demo's model with two-bit weights on drawn pictures: training recovers it, reproducibly.
import assert from "node:assert/strict";
import test, { after } from "node:test";
import type { TrainingState } from "../../src/finetune/train/train.ts";
import { type Calibration, evaluate, quantize, train } from "../../src/mod.ts";
import { floats } from "../../src/tensor/tensor.ts";
import { openDrawnDemo } from "./drawn_demo.ts";

const { calibration, close, drawn, machine, model, pictures } = await openDrawnDemo(2);
after(close);

const options = { steps: 60, batch: 16, period: 15 };

type Network = Pick<Calibration, "graph" | "encodings">;
const numbersOf = ({ graph, encodings }: Network) => [
  ...calibration.placed.weights.map(({ name }) => Array.from(floats(graph.values.get(name)!.constant!))),
  ...[...encodings.values()].map(({ scale }) => Array.from(scale)),
];

test("train: the loss falls, agreement rises, and a resumed run gives the same result", async () => {
  const kept: TrainingState[] = [];
  const keep = async (state: TrainingState) => void kept.push(state);
  const trained = await train(model, calibration, drawn, machine, options, { keep });
  const { accepted, before, after, curve, labelled, heldOut, notes, left } = trained.training;
  assert.ok(accepted && after < before, `${before} to ${after}`);
  assert.deepEqual([labelled, heldOut, notes, left], [true, 6, [], []]);
  assert.deepEqual(curve.map(({ step }) => step), [15, 30, 45, 60]);
  assert.ok(curve.at(-1)!.loss < curve[0].loss);
  const [rounded, mended] = await Promise.all(
    [calibration, trained].map(({ graph, encodings }) =>
      evaluate(model, quantize(graph, encodings), drawn, machine)
    ),
  );
  assert.ok(mended.agreement > rounded.agreement + 0.1, `${rounded.agreement} to ${mended.agreement}`);

  const again = await train(model, calibration, drawn, machine, options, { begin: kept[1] });
  assert.deepEqual(again.training.curve, curve);
  assert.deepEqual(numbersOf(again), numbersOf(trained));
});

test("train: exploding learning rates leave the network as it was, with a note", async () => {
  const { training, ...network } = await train(model, calibration, drawn, machine, {
    ...options,
    rateFactor: 1e30,
  });
  assert.equal(training.accepted, false);
  assert.match(training.notes[0], /^After step \d+ .*: back to step 0, learning rates at 2.5e\+29$/);
  assert.equal(training.after, training.before);
  assert.deepEqual(numbersOf(network), numbersOf(calibration));
});

test("train: one image without labels is enough", async () => {
  const { training } = await train(model, calibration, await pictures(1), machine, {
    steps: 2,
    labelWeight: 0,
  });
  assert.deepEqual([training.images, training.heldOut, training.labelled], [1, 0, false]);
  assert.ok(Number.isFinite(training.after));
});

test("train: rejects a label outside the classes and a network without weights to train", async () => {
  const wrong = {
    labelled: true,
    async *batches() {
      for await (const batch of drawn.batches()) yield { ...batch, labels: batch.labels!.map(() => 8) };
    },
  };
  await assert.rejects(train(model, calibration, wrong, machine, options), {
    name: "ConfigError",
    message: /^Cannot train with label 8: the model scores 8 classes, expected 0 to 7$/,
  });
  const weights = new Set(calibration.placed.weights.map(({ name }) => name));
  const encodings = new Map([...calibration.encodings].filter(([name]) => !weights.has(name)));
  await assert.rejects(train(model, { graph: calibration.graph, encodings }, drawn, machine, options), {
    name: "ConfigError",
    message: "Cannot train: no layer has weights to train",
  });
});
