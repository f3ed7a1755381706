import assert from "node:assert/strict";
import process from "node:process";
import test from "node:test";
import {
  type AdapterChoice,
  chooseAdapter,
  firstFitting,
  type OpenedAdapter,
  type Place,
} from "../../src/device/adapter.ts";
import { describeAdapter, isSoftware } from "../../src/device/describe.ts";
import { reasonIn } from "../../src/device/run_probe.ts";
import { requireGivenIcd, withIcd } from "../../src/device/vulkan_loader.ts";
import { DeviceError } from "../../src/error.ts";

const hardware = { name: "hardware", software: false, runtime: "dawn" } as const;
const lavapipe = { name: "lavapipe", software: true, runtime: "dawn" } as const;
const swiftShader = { name: "swiftshader", software: true, runtime: "dawn" } as const;
const denoHardware = { name: "deno hardware", software: false, runtime: "deno" } as const;
const denoSoftware = { name: "deno software", software: true, runtime: "deno" } as const;

const everything = [denoSoftware, denoHardware, lavapipe, hardware, swiftShader];
const table: [AdapterChoice, readonly (typeof everything)[number][], string | undefined][] = [
  ["auto", everything, "hardware"],
  ["auto", [denoSoftware, lavapipe, swiftShader], "lavapipe"],
  ["auto", [denoHardware, denoSoftware], "deno hardware"],
  ["auto", [denoSoftware], "deno software"],
  ["auto", [], undefined],
  ["hardware", everything, "hardware"],
  ["hardware", [lavapipe, denoHardware], "deno hardware"],
  ["hardware", [lavapipe, denoSoftware], undefined],
  ["software", everything, "lavapipe"],
  ["software", [hardware, swiftShader], "swiftshader"],
  ["software", [hardware, denoHardware], undefined],
];

for (const [choice, found, expected] of table) {
  test(`chooseAdapter ${choice} of [${found.map(({ name }) => name).join(", ")}] is ${expected}`, () => {
    assert.equal(chooseAdapter(found, choice)?.name, expected);
  });
}

function place(name: string, found: { software: boolean } | undefined, asked: string[]): Place {
  return {
    name,
    open() {
      asked.push(name);
      const opened = found && { ...found, runtime: "dawn", description: `the ${name}` };
      return Promise.resolve(opened as OpenedAdapter | undefined);
    },
  };
}

test("firstFitting stops at the first adapter of the kind and reports those that it skipped", async () => {
  const asked: string[] = [];
  const places = [
    place("empty", undefined, asked),
    place("soft", { software: true }, asked),
    place("hard", { software: false }, asked),
    place("later", { software: false }, asked),
  ];
  const { opened, tried } = await firstFitting(places, "hardware");
  assert.equal(opened?.description, "the hard");
  assert.deepEqual(tried, ["empty has no adapter", "soft has only the soft"]);
  assert.deepEqual(asked, ["empty", "soft", "hard"]);
});

test("firstFitting skips a place that fails and keeps the reason", async () => {
  const broken = { name: "broken", open: () => Promise.reject(new DeviceError("Cannot load it: gone")) };
  const { opened, tried } = await firstFitting([broken], "auto");
  assert.equal(opened, undefined);
  assert.deepEqual(tried, ["broken: Cannot load it: gone"]);
});

test("firstFitting rethrows errors other than DeviceError", async () => {
  const broken = { name: "broken", open: () => Promise.reject(new TypeError("a mistake of ours")) };
  await assert.rejects(firstFitting([broken], "auto"), TypeError);
});

const described = [
  {
    facts: [
      "mesa",
      "software",
      "llvmpipe-llvm-15-0-6-256-bits-",
      "llvmpipe: Mesa 25.0.7-2~bpo12+1 (LLVM 15.0.6) 0.0.1",
    ],
    expected: "llvmpipe (LLVM 15.0.6, 256 bits), Mesa 25.0.7 — software Vulkan, not a GPU",
  },
  {
    facts: ["4318", "", "0", "llvmpipe (LLVM 15.0.6, 256 bits)"],
    expected: "llvmpipe (LLVM 15.0.6, 256 bits) — software Vulkan, not a GPU",
  },
  {
    facts: ["google", "swiftshader", "swiftshader-device-subzero-", "SwiftShader driver 5.0.0"],
    expected: "SwiftShader 5.0.0 — software Vulkan, not a GPU",
  },
  {
    facts: ["6880", "", "49374", "SwiftShader Device (Subzero)"],
    expected: "SwiftShader — software Vulkan, not a GPU",
  },
  {
    facts: ["microsoft", "", "0x8c", "Microsoft Basic Render Driver"],
    expected: "Microsoft Basic Render Driver — WARP, not a GPU",
  },
  {
    facts: ["nvidia", "ampere", "nvidia-geforce-rtx-3090", "NVIDIA: 560.35.03"],
    expected: "nvidia nvidia-geforce-rtx-3090, NVIDIA: 560.35.03",
  },
  { facts: ["apple", "metal-3", "apple-m2", ""], expected: "apple apple-m2" },
];

for (const { facts: [vendor, architecture, device, description], expected } of described) {
  test(`describeAdapter names ${description || device}`, () => {
    const facts = { vendor, architecture, device, description };
    assert.equal(describeAdapter(facts), expected);
    assert.equal(isSoftware(facts), expected.includes("not a GPU"));
  });
}

test("isSoftware is true for an adapter that reports itself as a fallback", () => {
  const facts = { vendor: "x", architecture: "", device: "y", description: "z", isFallbackAdapter: true };
  assert.equal(isSoftware(facts), true);
});

test("withIcd sets both variables for the call and restores them, also after an error", () => {
  const before = process.env.VK_DRIVER_FILES;
  const inside = withIcd("/x.json", () => [process.env.VK_DRIVER_FILES, process.env.VK_ICD_FILENAMES]);
  assert.deepEqual(inside, ["/x.json", "/x.json"]);
  assert.throws(() =>
    withIcd("/x.json", () => {
      throw new Error("stop");
    }), /stop/);
  assert.equal(process.env.VK_DRIVER_FILES, before);
});

test("reasonIn finds Dawn's reason among its other output", () => {
  const chatter = "Warning: maxDynamicUniformBuffersPerPipelineLayout artificially reduced from 1 to 0\n";
  assert.equal(reasonIn(chatter), undefined);
  assert.equal(
    reasonIn(`${chatter}Warning: Vulkan shaderUniform*ArrayDynamicIndexing required.\n - While initializing`),
    "Vulkan shaderUniform*ArrayDynamicIndexing required",
  );
  assert.equal(
    reasonIn("Error: Loader Message: setup_loader: Failed to detect any valid GPUs in the current config\n"),
    "no device of this kind is in the machine",
  );
});

for (const name of ["VK_ICD_FILENAMES", "VK_DRIVER_FILES"]) {
  test(`${name} that names no file is refused by its name`, () => {
    const saved = process.env[name];
    try {
      process.env[name] = "/nonexistent.json:/neither.json";
      const message = new RegExp(`${name} is "/nonexistent.json:/neither.json", which does not exist`);
      assert.throws(requireGivenIcd, { name: "DeviceError", message });
      process.env[name] = `/nonexistent.json:${import.meta.filename}`;
      requireGivenIcd();
    } finally {
      if (saved === undefined) delete process.env[name];
      else process.env[name] = saved;
    }
  });
}
