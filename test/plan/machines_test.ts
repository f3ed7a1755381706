// The WebGPU machine on Dawn's null backend: every call is compiled, bound and validated, and nothing runs.
import test from "node:test";
import { gpuMachine } from "../../src/device/gpu_machine.ts";
import { nullDevice } from "../device/null.ts";
import { planOf } from "./toy_plan.ts";
import { machineSuite, toys } from "./machine_suite.ts";

async function nullMachine() {
  return gpuMachine(await nullDevice(), { description: "Dawn's null backend", software: true });
}

machineSuite("null machine", nullMachine, [{
  reason: "the null backend computes nothing",
  cases: [
    "computes what the references define",
    "computes on packed codes, to the last one",
    "gives the same on every run of a plan",
    "runs a released plan again, and releases one it never saw",
    "widens and narrows integer types",
    "keeps apart runs that overlap, of one plan and of two",
    "hands inputs through, under another shape too",
    "takes weights and normalizations that arrive with the data",
    "reads one operand twice in one call",
    "reads one buffer under two shapes",
    "carries states from run to run, each from what the one before left",
  ],
}]);

test("null machine compiles and binds every plan of the suite", async () => {
  const machine = await nullMachine();
  for (const { plan, feeds } of Object.values(toys).map(planOf)) await machine.run(plan, feeds);
  machine.close();
});
