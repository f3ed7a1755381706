import { openGpujsMachine } from "../../src/device/gpujs_machine.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { machineSuite } from "./machine_suite.ts";

machineSuite("reference machine", () => Promise.resolve(referenceMachine()));
machineSuite("gpu.js machine", openGpujsMachine);
