// Times every variant of every kernel with variants on the device's clock: the tuner's alternatives, and their share of
// a real GPU's peak. No data is transferred between host and device while timing.
import { Option } from "commander";
import { whole } from "../cli/options/option.ts";
import { type AdapterChoice, openAdapter } from "../src/device/adapter.ts";
import { fastest } from "../src/device/fastest.ts";
import { matricesOf, openDevice } from "../src/device/open_device.ts";
import { pipelinesFor } from "../src/device/pipelines.ts";
import { loadProgram, type Program } from "../src/device/program.ts";
import { deviceMilliseconds, samplePlan, trialsOn } from "../src/device/trial.ts";
import { restrictVariants } from "../src/device/variants.ts";
import { DeviceError } from "../src/error.ts";
import { type Kernel, nameOf, type Sample, type Variant } from "../src/kernels/kernel.ts";
import type { Plan } from "../src/plan/plan.ts";
import { medianOf } from "../src/tensor/median.ts";
import { numbers } from "../src/tensor/tensor.ts";
import type { Bench, SharedFlags } from "./bench.ts";
import { Comparison } from "./comparison.ts";
import { type DriverChoice, drivers, pinDriver } from "./driver.ts";
import { fillSample, type KernelCase, kernelCases } from "./engine/kernel_cases.ts";
import type { Row } from "./report.ts";
import { spreadText } from "./timing.ts";

type Flags = SharedFlags & {
  readonly adapter: DriverChoice;
  readonly rounds: number;
  readonly peak?: number;
  readonly peakInt8?: number;
  readonly device: AdapterChoice | "cpu";
};

/** Sums in another order differ by less; codes do not differ. */
const mostDifference = 1e-4;
/** More would take a software adapter minutes. */
const mostOnSoftware = 4e9;
const mostRepeats = 64;
/** Duration of one timed run of a variant, by repetition. */
const runMs = 2;

export const kernels: Bench<Flags> = {
  summary: "every variant of the tuned kernels on the device's clock",
  options: [
    new Option("--only <name...>", "cases whose names contain one of these"),
    new Option("--adapter <driver>", "Vulkan driver").choices(drivers).default("auto"),
    new Option("--rounds <N>", "timed rounds a case").argParser(whole(3, 1000)).default(10),
    new Option("--peak <TFLOPS>", "float32 peak of a real GPU, for the share of it").argParser(whole(1, 1e6)),
    new Option("--peak-int8 <TOPS>", "its peak in products of four bytes").argParser(whole(1, 1e6)),
  ],
  timed: true,
  async before({ adapter, device }) {
    if (device === "cpu") {
      throw new DeviceError("Cannot time shaders: --device is cpu, expected an adapter");
    }
    await pinDriver(adapter, device);
  },
  async run(machine, { only, rounds, peak, peakInt8, device: choice }, report) {
    const device = await openDevice(await openAdapter(choice as AdapterChoice));
    const peaks: Partial<Record<KernelCase["unit"], number>> = machine.software
      ? {}
      : { floats: peak, codes: peakInt8 };
    const chosen = kernelCases().filter(({ name, operations }) =>
      only ? only.some((part) => name.includes(part)) : !machine.software || operations <= mostOnSoftware
    );
    const rows: Row[] = [];
    try {
      for (const one of chosen) {
        report.note(one.name);
        rows.push(...await rowsOf(device, one, rounds, peaks[one.unit]));
      }
    } finally {
      device.destroy();
    }
    report.table("Variants of kernels", rows);
    return rows.every(({ difference }) => (difference as number) <= mostDifference);
  },
};

type Runner = { readonly variant: Variant; readonly program: Program; readonly y: ArrayLike<number> };

async function rowsOf(
  device: GPUDevice,
  one: KernelCase,
  rounds: number,
  peak?: number,
): Promise<Row[]> {
  const { name, unit, operations } = one;
  const kernel = restrictVariants(one.kernel, matricesOf(device));
  const sample = fillSample(one);
  const pipelines = pipelinesFor(device);
  const load = (plan: Plan) => loadProgram(device, pipelines, plan);
  const verdict = await fastest(trialsOn(device, load), kernel, sample.numbers, () => performance.now());
  const variants = [kernel, ...kernel.variants!.others(sample.numbers, Infinity)];
  const runners: Runner[] = [];
  for (const variant of variants) runners.push(await runnerOf(load, kernel, variant, sample));
  const times = await timesOf(device, runners, rounds);
  for (const { program } of runners) program.free();
  return runners.map(({ variant, y }, i): Row => {
    const perSecond = operations / medianOf(times[i]) / 1e6;
    return {
      case: name,
      variant: nameOf(variant),
      ms: spreadText(times[i]),
      giga_per_second: perSecond,
      unit: { floats: "flop", codes: "op", elements: "elements" }[unit],
      ...(peak ? { share_of_peak_percent: perSecond / peak / 10 } : {}),
      times_as_fast: medianOf(times[0]) / medianOf(times[i]),
      difference: differenceOf(runners[0].y, y),
      tuner: nameOf(verdict.variant) === nameOf(variant)
        ? `chooses it for ${bucketOf(kernel, sample)}`
        : undefined,
    };
  });
}

function bucketOf(kernel: Kernel, { numbers }: Sample): string {
  return kernel.variants!.bucket(numbers);
}

/** The variant on the sample, compiled, and its results. */
async function runnerOf(
  load: (plan: Plan) => Promise<Program>,
  kernel: Kernel,
  variant: Variant,
  sample: Sample,
): Promise<Runner> {
  const plan = samplePlan(kernel, variant, sample);
  const { words, type } = plan.buffers.get("y")!;
  const dtype = ({ f32: "float32", i32: "int32", u32: "uint32" } as const)[type];
  const outputs = [{ name: "y", buffer: "y", dtype, shape: [words] }];
  const program = await load({ ...plan, outputs });
  const y = (await program.run(new Map())).get("y")!;
  return { variant, program, y: numbers(y) };
}

/** Milliseconds of one run by variant and round; the order alternates. */
async function timesOf(device: GPUDevice, runners: readonly Runner[], rounds: number): Promise<number[][]> {
  const once = await deviceMilliseconds(device, runners[0].program, 1);
  const repeats = Math.min(mostRepeats, Math.max(1, Math.round(runMs / once)));
  const times: number[][] = runners.map(() => []);
  for (let round = 0; round < rounds; round++) {
    const order = [...runners.keys()];
    if (round % 2 === 1) order.reverse();
    for (const i of order) {
      times[i].push(await deviceMilliseconds(device, runners[i].program, repeats) / repeats);
    }
  }
  return times;
}

function differenceOf(expected: ArrayLike<number>, actual: ArrayLike<number>): number {
  const comparison = new Comparison(expected.length);
  comparison.add(Float32Array.from(expected), Float32Array.from(actual));
  return comparison.relativeError;
}
