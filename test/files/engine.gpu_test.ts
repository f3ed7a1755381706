import { gpu } from "../device/gpu.ts";
import { engineAgreement } from "./engine_agreement.ts";

engineAgreement("WebGPU machine", () => gpu());
