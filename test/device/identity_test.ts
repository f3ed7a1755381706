// What an engine is compared with: the device in words, and the shaders of a plan.
import assert from "node:assert/strict";
import test from "node:test";
import { gpuMachine } from "../../src/device/gpu_machine.ts";
import { textsHash } from "../../src/device/variants.ts";
import { conv2dTiled } from "../../src/kernels/conv2d_tiled.ts";
import { withElement } from "../../src/kernels/kernel.ts";
import { where } from "../../src/kernels/where.ts";
import { nullDevice } from "./null.ts";
import { network, toys } from "../plan/machine_suite.ts";
import { planOf } from "../plan/toy_plan.ts";

test("textsHash: order and repetition do not matter, shaders and element types do", () => {
  assert.equal(textsHash([where, conv2dTiled]), textsHash([conv2dTiled, where, where]));
  assert.match(textsHash([where]), /^[0-9a-f]{16}$/);
  const hashes = [[where], [withElement(where, "i32")], [conv2dTiled], [where, conv2dTiled], []].map(
    textsHash,
  );
  assert.equal(new Set(hashes).size, hashes.length);
});

test("a GPU machine's identity names device, driver, runtime, features, limits and the plan's shaders", async () => {
  const names = { description: "a GPU", software: false, driver: "driver 1.2", runtime: "dawn" };
  const machine = gpuMachine(await nullDevice(), names);
  const { plan } = planOf(network);
  const { shaders, features, limits, ...rest } = machine.identity!(plan);
  assert.deepEqual(rest, { device: "a GPU", driver: "driver 1.2", runtime: "dawn" });
  assert.match(features, /\bsubgroups\b/);
  assert.match(limits, /^\d+ bytes per binding, \d+ per buffer$/);
  assert.notEqual(machine.identity!(planOf(toys.codes).plan).shaders, shaders);
  machine.close();
});
