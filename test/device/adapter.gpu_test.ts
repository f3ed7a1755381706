// Each adapter is opened in a separate process, because Deno keeps the drivers of the first request.
import assert from "node:assert/strict";
import test from "node:test";
import { openAdapter } from "../../src/device/adapter.ts";
import { examine } from "../../src/device/doctor.ts";
import { openDevice, troubleOf } from "../../src/device/open_device.ts";
import { runProbe } from "../../src/device/run_probe.ts";
import { swiftShader } from "../../src/device/swiftshader.ts";
import { systemIcds } from "../../src/device/vulkan_loader.ts";
import type { AdapterOptions } from "../../src/device/adapter.ts";
import { DeviceError } from "../../src/error.ts";

async function assertOpens(options: AdapterOptions, name: RegExp) {
  const probed = await runProbe(options);
  if ("error" in probed) assert.fail(probed.error);
  assert.match(probed.description, name);
  assert.ok(probed.limits.maxStorageBufferBindingSize >= 128 * 2 ** 20);
  assert.ok(probed.features.includes("timestamp-query"));
}

const lavapipe = systemIcds().find((path) => path.includes("lvp"));

test("openAdapter finds an adapter by itself", () => assertOpens({}, /./));

test("openAdapter opens SwiftShader from the npm package", async (t) => {
  const own = await swiftShader().catch((error: Error) => error);
  if (own instanceof Error) return t.skip(own.message);
  await assertOpens({ icd: own.icd, runtime: "dawn" }, /^SwiftShader [\d.]+ — software Vulkan, not a GPU$/);
  if ("Deno" in globalThis) {
    await assertOpens({ icd: own.icd, runtime: "deno" }, /^SwiftShader — software Vulkan, not a GPU$/);
  }
});

test("openAdapter opens Mesa's lavapipe through Dawn", async (t) => {
  if (!lavapipe) return t.skip("the system has no lavapipe");
  const probed = await runProbe({ icd: lavapipe, runtime: "dawn" });
  if ("error" in probed && probed.error.includes("required")) {
    return t.skip(`Dawn refuses it: ${probed.error}`);
  }
  await assertOpens(
    { icd: lavapipe, runtime: "dawn" },
    /^llvmpipe \(LLVM .* bits\), Mesa [\d.]+ — .* not a GPU$/,
  );
});

test("openAdapter opens Deno's own WebGPU", async (t) => {
  if (!("Deno" in globalThis)) return t.skip("this is not Deno");
  await assertOpens({ runtime: "deno" }, /./);
});

test("openAdapter names a missing driver manifest and says what to do", async () => {
  const options = { icd: "/nowhere/icd.json", runtime: "dawn" } as const;
  await assert.rejects(openAdapter("auto", options), (error) => {
    assert.ok(error instanceof DeviceError);
    assert.match(error.message, /Dawn with "\/nowhere\/icd.json" has no adapter;.* pass --device cpu/);
    return true;
  });
});

test("openDevice reports an error outside any scope, and prints nothing", async () => {
  const reports: DeviceError[] = [];
  const device = await openDevice(await openAdapter("auto"), (trouble) => reports.push(trouble));
  assert.equal(troubleOf(device), undefined);
  device.createBuffer({ size: 16, usage: 0xffff });
  await device.queue.onSubmittedWorkDone();
  while (reports.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(troubleOf(device) instanceof DeviceError);
  device.destroy();
  assert.equal((await device.lost).reason, "destroyed");
  assert.equal(reports.length, 1);
});

test("examine finds what openAdapter uses", async () => {
  const report = await examine();
  const { description } = await openAdapter("auto");
  assert.equal(report.chosen, description);
  assert.ok(report.adapters.some((adapter) => adapter.description === description));
  assert.equal(report.packages.webgpu, "0.6.2");
});
