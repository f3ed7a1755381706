// The WebGPU machine on Dawn's null backend: every call is compiled, bound and validated, and nothing runs.
import { gpuMachine } from "../../src/device/gpu_machine.ts";
import { nullDevice } from "../device/null.ts";
import { machineSuite } from "./machine_suite.ts";

async function nullMachine() {
  return gpuMachine(await nullDevice(), { description: "Dawn's null backend", software: true });
}

machineSuite("null machine", nullMachine, [{
  reason: "the null backend computes nothing",
  cases: [
    "computes what the references define",
    "gives the same on every run of a plan",
    "runs a released plan again, and releases one it never saw",
    "widens and narrows integer types",
    "keeps apart runs that overlap, of one plan and of two",
    "hands inputs through, under another shape too",
    "takes weights and normalizations that arrive with the data",
    "reads one buffer under two shapes",
  ],
}]);
