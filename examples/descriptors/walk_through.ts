// The example of NVIDIA's walk-through: a 3×4×2 tensor becomes 4-bit unsigned codes with a scale per index of axis 0.
// npx deno run -A examples/descriptors/walk_through.ts
import { numbers, tensor, TensorQuantizer } from "../../src/mod.ts";

// torch.manual_seed(12345); torch.rand(3, 4, 2), every number a multiple of 2^-24.
const x = tensor("float32", [3, 4, 2], [
  ...[0.98171818, 0.87960654, 0.99214345, 0.46106726, 0.08321595, 0.17843109, 0.36743152, 0.56764972],
  ...[0.33760673, 0.21194661, 0.45944387, 0.81535345, 0.91571748, 0.25313479, 0.21333665, 0.47696769],
  ...[0.72009903, 0.72382134, 0.31388801, 0.67317903, 0.41499043, 0.43999398, 0.09452492, 0.85817021],
]);

const quantizer = new TensorQuantizer({ bits: 4, fakeQuant: false, axis: 0, unsigned: true });
const codes = await quantizer.forward(x);

for (const row of [0, 1, 2]) console.log(numbers(codes).slice(8 * row, 8 * row + 8).join(" "));
console.log("scale", Array.from(quantizer.scale!, (scale) => scale.toFixed(4)).join(" "));
