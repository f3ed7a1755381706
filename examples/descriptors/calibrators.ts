// Calibrates one quantizer by hand, batch by batch: statistics are collected once, then each method chooses an amax.
// npx deno run -A examples/descriptors/calibrators.ts
import { tensor, TensorQuantizer } from "../../src/mod.ts";

/** A batch with a long tail: magnitudes up to 50, half of them below 1. */
function drawBatch(seed: number) {
  const values = Array.from({ length: 4096 }, (_, i) => {
    const u = ((i + 4096 * seed) * 40503 % 65536) / 32768 - 1;
    return u / (1.02 - Math.abs(u));
  });
  return tensor("float32", [64, 64], values);
}
const batches = [0, 1, 2, 3].map(drawBatch);

const largest = new TensorQuantizer({ calibMethod: "max" });
const histogram = new TensorQuantizer({ calibMethod: "histogram" });
for (const quantizer of [largest, histogram]) {
  quantizer.disableQuant(); // Batches pass in full precision while their statistics are collected.
  quantizer.enableCalib();
  for (const batch of batches) await quantizer.forward(batch);
  quantizer.disableCalib();
  quantizer.enableQuant();
}

largest.loadCalibAmax();
console.log("max", largest.amax![0].toFixed(3));
for (const method of ["entropy", "mse"] as const) {
  histogram.loadCalibAmax({ method });
  console.log(method, histogram.amax![0].toFixed(3));
}
for (const percentile of [99.9, 99]) {
  histogram.loadCalibAmax({ method: "percentile", percentile });
  console.log(`percentile ${percentile}`, histogram.amax![0].toFixed(3));
}
console.log(`${histogram}`);
