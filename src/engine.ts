/**
 * halftone/engine: runs saved engines. A smaller door than `halftone`, without operators and quantization, which
 * therefore opens sooner.
 *
 * ```ts
 * import { loadEngine, openMachine, tensor } from "halftone/engine";
 *
 * const machine = await openMachine("auto");
 * const engine = await loadEngine("model.engine", machine);
 * const { logits } = await engine.run({ input: tensor("float32", [1, 3, 224, 224], pixels) });
 * machine.close();
 * ```
 * @module
 */
export { DeviceError, HalftoneError, ModelError } from "./error.ts";
export { type DeviceChoice, openMachine } from "./device/open_machine.ts";
export type { Machine } from "./plan/machine.ts";
export { type EngineInput, type LoadedEngine, loadEngine } from "./recipe/load_engine.ts";
export { numbers, type Tensor, tensor } from "./tensor/tensor.ts";
