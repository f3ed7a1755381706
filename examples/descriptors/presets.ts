// Predefined descriptors on the weights of a convolution: a scale per output channel keeps more than one for all.
// npx deno run -A examples/descriptors/presets.ts
import {
  load,
  numbers,
  type QuantDescriptor,
  quantDescriptors,
  quantizersOf,
  TensorQuantizer,
} from "../../src/mod.ts";

const model = await load("demo/shapes.onnx");
const { graph, tensors, layers } = quantizersOf(model);
const { weight } = layers.get("/4/body/body.0/Conv")!;
const [name] = [...tensors].find(([, quantizer]) => quantizer === weight)!;
const w = graph.values.get(name)!.constant!;

const descriptors: Record<string, QuantDescriptor> = {
  perTensor8Bit: quantDescriptors.perTensor8Bit,
  conv2dWeightPerChannel8Bit: quantDescriptors.conv2dWeightPerChannel8Bit,
  "conv2dWeightPerChannel8Bit, 4 bits": { ...quantDescriptors.conv2dWeightPerChannel8Bit, bits: 4 },
};
console.log(`weights [${w.shape}] of /4/body/body.0/Conv`);
for (const [preset, descriptor] of Object.entries(descriptors)) {
  const quantizer = new TensorQuantizer(descriptor, { calib: true });
  const values = numbers(await quantizer.forward(w));
  quantizer.loadCalibAmax();
  const [signal, noise] = numbers(w).reduce(([s, n], x, i) => [s + x ** 2, n + (x - values[i]) ** 2], [0, 0]);
  const steps = quantizer.stepSize!.length;
  console.log(
    `${preset}: ${steps} step ${steps === 1 ? "size" : "sizes"}, ${
      (10 * Math.log10(signal / noise)).toFixed(1)
    } dB`,
  );
}
