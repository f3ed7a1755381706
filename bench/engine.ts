// The float engine against ONNX Runtime's WebGPU provider on the same adapter, in one interleaved run: whole networks,
// single operators, the first answer. ONNX Runtime's CPU provider is shown as a reference.
import { InvalidArgumentError, Option } from "commander";
import { whole } from "../cli/options/option.ts";
import type { AdapterChoice } from "../src/device/adapter.ts";
import { DeviceError } from "../src/error.ts";
import type { Bench, SharedFlags } from "./bench.ts";
import { type DriverChoice, drivers, mappedDriverLibraries, pinDriver } from "./driver.ts";
import { raceKernels } from "./engine/kernels.ts";
import { type NetworkResult, networks, raceNetworks, rowOf } from "./engine/networks.ts";
import { geometricMean } from "./engine/race.ts";
import { raceStart } from "./engine/start.ts";
import type { Row } from "./report.ts";
import { inTempFolder } from "./temp_folder.ts";

export type RaceFlags = SharedFlags & {
  readonly adapter: DriverChoice;
  readonly part: readonly string[];
  readonly batch: readonly number[];
  readonly rounds: number;
  readonly seconds: number;
  readonly device: AdapterChoice | "cpu";
};
type Flags = RaceFlags & { readonly peak?: number };

const parts = ["networks", "kernels", "start"];
const batches = [1, 8];
const leastMean = 1.5;

export const engine: Bench<Flags> = {
  summary: "float forward, single operators and start-up against ONNX Runtime's WebGPU provider",
  options: [
    ...raceOptions(networks, parts),
    new Option("--peak <TFLOPS>", "float32 peak of a real GPU, for the share of it").argParser(whole(1, 1e6)),
  ],
  timed: true,
  before: pinsOneDriver,
  async run(machine, flags, report) {
    const pace = { rounds: flags.rounds, seconds: flags.seconds };
    const checks: Row[] = [];
    await inTempFolder(async (folder) => {
      if (flags.part.includes("networks")) {
        const results = await raceNetworks(flags, pace, folder, machine, report);
        report.table("Networks, float32", results.map(rowOf));
        checks.push(...checksOf(results, flags));
      }
      if (flags.part.includes("kernels")) {
        const rows = await raceKernels(pace, flags.peak, folder, machine, report);
        report.table("Single operators, float32", rows);
        checks.push(check("operators that miss their bound", countMissed(rows), "0"));
      }
      if (flags.part.includes("start")) {
        const rows = await raceStart(flags.shared, flags.rounds, report);
        report.table("From process start to the first answer of SqueezeNet", rows);
        checks.push(check("starts that miss their bound", countMissed(rows), "0"));
      }
    });
    const loaded = await mappedDriverLibraries();
    if (loaded.length > 0) {
      report.note(`Vulkan drivers in this process: ${loaded.join(", ")}`);
      checks.push(check("Vulkan drivers in this process", loaded.length, "1", loaded.length === 1));
    }
    report.table("Bounds", checks);
    return checks.every(({ verdict }) => verdict !== "missed");
  },
};

/** All contestants must run on one adapter. */
export async function pinsOneDriver({ adapter, device }: RaceFlags): Promise<void> {
  if (device === "cpu") {
    throw new DeviceError("Cannot compare WebGPU engines: --device is cpu, expected an adapter");
  }
  await pinDriver(adapter, device);
}

/** The options of a benchmark of these networks and parts. */
export function raceOptions(
  networks: readonly { readonly name: string }[],
  parts: readonly string[],
): Option[] {
  return [
    new Option("--only <name...>", "these networks only").choices(networks.map(({ name }) => name)),
    new Option("--part <name...>", "these parts only").choices(parts).default(parts),
    new Option("--adapter <driver>", "Vulkan driver of all contestants").choices(drivers).default("auto"),
    new Option("--batch <N...>", "batch sizes").argParser(collectWhole).default(batches),
    new Option("--rounds <N>", "timed rounds a row, at most").argParser(whole(3, 1000)).default(5),
    new Option("--seconds <N>", "no further round of a row after so long; at least 3 rounds")
      .argParser(whole(1, 86400)).default(20),
  ];
}

function checksOf(results: readonly NetworkResult[], { only, batch }: Flags): Row[] {
  const mean = geometricMean(results.map(({ ratio }) => ratio));
  const all = !only && batches.every((size) => batch.includes(size));
  const judged = check("geometric mean of the ratios", mean, `≥ ${leastMean}`, mean >= leastMean);
  return [
    all ? judged : { ...judged, verdict: "not judged on a part of the networks" },
    check("networks slower than ONNX Runtime, or different", countMissed(results.map(rowOf)), "0"),
  ];
}

function check(what: string, measured: number, bound: string, kept = measured === 0): Row {
  return { what, measured, bound, verdict: kept ? "kept" : "missed" };
}

function countMissed(rows: readonly Row[]): number {
  return rows.filter(({ verdict }) => verdict === "missed").length;
}

const batchSize = whole(1, 1024);

/** Commander passes the default first. */
function collectWhole(text: string, before: readonly number[]): readonly number[] {
  if (before.includes(batchSize(text)) && before !== batches) {
    throw new InvalidArgumentError(`Expected each batch size once.`);
  }
  return before === batches ? [batchSize(text)] : [...before, batchSize(text)];
}
