import assert from "node:assert/strict";
import test from "node:test";
import { adviceFor } from "../../src/device/advice.ts";
import type { DoctorReport } from "../../src/device/doctor.ts";
import type { FoundAdapter } from "../../src/device/facts.ts";

type Facts = Omit<DoctorReport, "advice">;

function adapter(driver: string, software: boolean): FoundAdapter {
  return { source: "x", description: driver, driver, runtime: "dawn", software, features: [], limits: {} };
}

const mesa25 = adapter("llvmpipe: Mesa 25.0.7-2~bpo12+1 (LLVM 15.0.6) 0.0.1", true);
const swiftShader = adapter("SwiftShader driver 5.0.0", true);
const gpu = adapter("NVIDIA: 560.35.03", false);

function facts(changes: Partial<Facts>): Facts {
  return {
    runtime: { name: "node", version: "20.20.2" },
    host: { platform: "linux x64", distribution: "debian bookworm", gpus: [], closedDevices: [] },
    packages: { "webgpu": "0.6.2", "@sparticuz/chromium": "147.0.0", "gpu.js": "2.24.1" },
    loader: true,
    chosen: "something",
    adapters: [],
    refused: [],
    kernels: {},
    ...changes,
  };
}

test("adviceFor is silent on a machine with a GPU", () => {
  assert.deepEqual(adviceFor(facts({ adapters: [gpu, swiftShader] })), []);
});

test("adviceFor is silent on a machine without a GPU but with Mesa's software adapter", () => {
  assert.deepEqual(adviceFor(facts({ adapters: [mesa25, swiftShader] })), []);
});

test("adviceFor names the backports if only SwiftShader is found on Debian 12", () => {
  const [line, ...rest] = adviceFor(facts({ adapters: [swiftShader] }));
  assert.match(line, /bookworm-backports mesa-vulkan-drivers/);
  assert.deepEqual(rest, []);
});

test("adviceFor asks for a newer Mesa if Dawn refuses the old one that Deno accepts", () => {
  const old = { ...adapter("llvmpipe (LLVM 15.0.6, 256 bits)", true), runtime: "deno" as const };
  assert.match(adviceFor(facts({ adapters: [old] }))[0], /Mesa 24 or newer/);
});

test("adviceFor names the driver for a GPU without one", () => {
  const host = { platform: "linux x64", gpus: ["NVIDIA"], closedDevices: [] } as const;
  assert.match(
    adviceFor(facts({ host, adapters: [mesa25] })).join("\n"),
    /NVIDIA GPU of this machine: install/,
  );
});

test("adviceFor names device files that the user may not open", () => {
  const host = { platform: "linux x64", gpus: [], closedDevices: ["/dev/dri/renderD128"] };
  assert.match(
    adviceFor(facts({ host, adapters: [mesa25] })).join("\n"),
    /renderD128: join the group render/,
  );
});

test("adviceFor reports a variable that names a driver without an adapter", () => {
  const lines = adviceFor(facts({ givenIcd: "/x.json", chosen: undefined, adapters: [mesa25] }));
  assert.match(lines.join("\n"), /names "\/x.json".*unset it/);
});

test("adviceFor names the missing loader and the missing packages", () => {
  const packages = { "webgpu": undefined, "@sparticuz/chromium": undefined, "gpu.js": undefined };
  const lines = adviceFor(facts({ loader: false, packages })).join("\n");
  for (const name of ["libvulkan1", "webgpu", "@sparticuz/chromium", "gpu.js"]) {
    assert.ok(lines.includes(name), name);
  }
});

test("adviceFor does not mention Linux packages on other systems", () => {
  const host = { platform: "darwin arm64", gpus: [], closedDevices: [] };
  assert.deepEqual(adviceFor(facts({ host })), []);
});
