// True int8: halftone on codes against halftone in float and ONNX Runtime's WebGPU provider on the same Q/DQ file.
import type { Machine } from "../src/plan/machine.ts";
import type { Bench } from "./bench.ts";
import { pinsOneDriver, type RaceFlags, raceOptions } from "./engine.ts";
import { feedsOf } from "./engine/networks.ts";
import type { Pace } from "./engine/race.ts";
import { contest } from "./int8/contest.ts";
import { networks } from "./int8/files.ts";
import { raceChains, raceKernels } from "./int8/kernels.ts";
import type { Report, Row } from "./report.ts";
import { inTempFolder } from "./temp_folder.ts";

const parts = ["networks", "kernels", "layers"];
type Bound = { readonly gain: number; readonly share: number; readonly overOrt: number };

/** TensorRT's gains by int8 in NVIDIA's walk-through: 74 % more throughput, 46 % less latency. */
const asTensorRt: Bound = { gain: 1.74, share: 0.54, overOrt: 3 };
/** SwiftShader has four lanes, scalar shifts and hardly an optimizer: codes must only not be slower there. */
const neverSlower: Bound = { gain: 1, share: 1, overOrt: 1 };

export const int8: Bench<RaceFlags> = {
  summary: "networks and operators on codes against our float and ONNX Runtime's WebGPU provider",
  options: raceOptions(networks, parts),
  timed: true,
  before: pinsOneDriver,
  async run(machine, flags, report) {
    const pace = { rounds: flags.rounds, seconds: flags.seconds };
    // Runs of milliseconds get more rounds, because each of them says little.
    const often = { ...pace, rounds: 4 * pace.rounds };
    const rows: Row[] = [];
    await inTempFolder(async (folder) => {
      if (flags.part.includes("networks")) {
        const raced = await raceNetworks(machine, flags, pace, folder, report);
        report.table("Networks, int8", raced);
        rows.push(...raced);
      }
      if (flags.part.includes("kernels")) {
        const raced = await raceKernels(often, folder, machine, report);
        report.table("Single operators, int8", raced);
        rows.push(...raced);
      }
      if (flags.part.includes("layers")) {
        const raced = await raceChains(often, folder, machine, report);
        report.table("Depthwise and elementwise layers, int8", raced);
        rows.push(...raced);
      }
    });
    return rows.every(({ verdict }) => verdict !== "missed");
  },
};

async function raceNetworks(
  machine: Machine,
  { shared, only, batch: batches }: RaceFlags,
  pace: Pace,
  folder: string,
  report: Report,
): Promise<Row[]> {
  const bound = machine.description.includes("SwiftShader") ? neverSlower : asTensorRt;
  const rows: Row[] = [];
  for (const { name: model, open } of networks.filter(({ name }) => !only || only.includes(name))) {
    report.note(`Quantizing ${model}`);
    const pair = await open(machine, shared, folder);
    for (const batch of batches) {
      const { row } = await contest(machine, pair, feedsOf(pair.float, batch), pace);
      rows.push({ model, batch, ...row, ...verdictOf(row, bound) });
      report.note(JSON.stringify(rows.at(-1)));
    }
  }
  return rows;
}

function verdictOf(row: Row, { gain, share, overOrt }: Bound): Row {
  const kept = (row.throughput_gain as number) >= gain && (row.latency_share as number) <= share &&
    (row.over_ort_webgpu as number) >= overOrt;
  const bound = `gain ≥ ${gain}, share ≤ ${share}, over ORT ≥ ${overOrt}`;
  return { bound, verdict: kept ? "kept" : "missed" };
}
