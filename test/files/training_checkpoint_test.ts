import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";
import { parseTrainingCheckpoint, trainingCheckpointBytes } from "../../src/files/training_checkpoint.ts";
import { tensor } from "../../src/tensor/tensor.ts";

const digestOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const origin = { version: "1", network: "n", samples: "s", options: "o", device: "d" };
const codes = tensor("float32", [2, 2], [1, Math.fround(0.1), -0, 3e38]);
const checkpoint = {
  origin,
  standing: {
    taken: 7,
    states: new Map([["w@codes", codes], ["w@codes/mean", codes], ["step", tensor("float32", [], [2])]]),
    best: new Map([["w@codes", tensor("float32", [1], [5])]]),
    bestLoss: Infinity,
    factor: 0.5,
    curve: [{ step: 7, loss: 0.25, heldOut: 0.5 }],
    notes: ["After step 3 …"],
  },
};

test("trainingCheckpointBytes: everything is read back unchanged", () => {
  const bytes = trainingCheckpointBytes(checkpoint, digestOf);
  assert.deepEqual(parseTrainingCheckpoint(bytes, digestOf), checkpoint);
  assert.deepEqual(trainingCheckpointBytes(parseTrainingCheckpoint(bytes, digestOf), digestOf), bytes);
});

test("parseTrainingCheckpoint: a file that is truncated, changed or something else is refused", () => {
  const whole = trainingCheckpointBytes(checkpoint, digestOf);
  const changed = whole.slice();
  changed[whole.length - 3] ^= 1;
  for (const bytes of [whole.slice(0, -1), whole.slice(0, 40), new Uint8Array(3), changed]) {
    assert.throws(() => parseTrainingCheckpoint(bytes, digestOf), {
      name: "ModelError",
      message: "Cannot resume training: the file is damaged; remove it, or leave out --resume",
    });
  }
});
