// halftone beside ONNX Runtime's quantize_static and AMD Quark, both in Python: the same model, the same calibration
// tensors, the same judge. Rows that halftone loses are kept.
import { Option } from "commander";
import { join } from "node:path";
import type { Bench, SharedFlags } from "./bench.ts";
import type { Comparison } from "./comparison.ts";
import { type OpenedModel, openModel, selectModels } from "./models.ts";
import { calibrationContests, type Contest, finetuneContests } from "./peers/contenders.ts";
import { type ContenderRun, type Interpreters, judge, runContender } from "./peers/contest.ts";
import { measurePeaks } from "./peers/memory.ts";
import { type PythonTool, pythonTools, versionOf } from "./peers/python_tools.ts";
import { writeSamples } from "./peers/samples.ts";
import { verdicts } from "./peers/verdict.ts";
import type { Report, Row } from "./report.ts";
import { inTempFolder } from "./temp_folder.ts";

const parts = ["ptq", "finetune", "memory"] as const;

export type Flags = SharedFlags & {
  readonly part?: (typeof parts)[number];
  readonly setting?: string;
  readonly python: string;
  readonly quarkPython: string;
};

export const peersBench: Bench<Flags> = {
  summary: "accuracy, seconds and memory beside ONNX Runtime's quantize_static and AMD Quark",
  options: [
    new Option("--part <name>", "this part only").choices(parts),
    new Option("--setting <REGEX>", "settings whose name this matches, such as W4A8 or weight$"),
    new Option("--python <FILE>", "interpreter that has onnx and onnxruntime").env("PYTHON")
      .default("python3"),
    new Option("--quark-python <FILE>", "interpreter that has amd-quark, onnxruntime and torch")
      .env("QUARK_PYTHON").default("python3"),
  ],
  // Times are of whole processes, minutes apart; the load is reported beside them.
  timed: false,
  async run(_machine, flags, report) {
    const versions = await findVersions(flags, report);
    report.table("Tools", Object.entries(versions).map(([tool, packages]) => ({ tool, packages })));
    const rows: Row[] = [];
    const titles = { ptq: "Calibration", finetune: "Finetuning" } as const;
    for (const [part, contests] of [["ptq", calibrationContests], ["finetune", finetuneContests]] as const) {
      if (flags.part !== undefined && flags.part !== part) continue;
      const found = await runContests(contests, versions, flags, report);
      if (found.length > 0) report.table(titles[part], found);
      rows.push(...found);
    }
    if (flags.part === undefined || flags.part === "memory") {
      const found = await measurePeaks(flags, versions.onnxruntime !== undefined, report);
      report.table("Peak memory of calibration, SqueezeNet", found);
      rows.push(...found);
    }
    return rows.every(({ verdict }) => verdict !== "missed");
  },
};

type Versions = Readonly<Partial<Record<PythonTool, string>>>;

/** Versions of the installed tools; the rows of a missing tool are left out, with a note on stderr. */
async function findVersions(flags: Flags, report: Report): Promise<Versions> {
  const versions: Partial<Record<PythonTool, string>> = {};
  for (const tool of Object.keys(pythonTools) as PythonTool[]) {
    const found = await versionOf(tool, interpretersOf(flags)[tool]);
    if ("version" in found) versions[tool] = found.version;
    else report.note(`${tool} is left out: ${found.why}`);
  }
  return versions;
}

function interpretersOf({ python, quarkPython }: Flags): Interpreters {
  return { onnxruntime: python, quark: quarkPython };
}

async function runContests(
  contests: readonly Contest[],
  versions: Versions,
  flags: Flags,
  report: Report,
): Promise<Row[]> {
  const rows: Row[] = [];
  const wanted = new RegExp(flags.setting ?? "");
  const selected = contests.filter(({ setting }) => wanted.test(setting));
  for (const chosen of selectModels(flags.only)) {
    const ofModel = selected.filter(({ models }) => models.includes(chosen.name));
    if (ofModel.length === 0) continue;
    const model = await openModel(chosen, flags.shared);
    await inTempFolder(async (folder) => {
      for (const contest of ofModel) {
        rows.push(...await runContest(contest, model, folder, versions, flags, report));
      }
    });
  }
  return rows;
}

async function runContest(
  { setting, contenders, images, timesAsFast }: Contest,
  model: OpenedModel,
  folder: string,
  versions: Versions,
  flags: Flags,
  report: Report,
): Promise<Row[]> {
  const data = await model.open({ ...model.calibration, ...(images && { count: images }) });
  const samples = await writeSamples(data, join(folder, `samples_${data.count}`));
  const entries: ContenderRun[] = [];
  for (const contender of contenders) {
    if (contender.tool !== "halftone" && versions[contender.tool] === undefined) continue;
    const place = join(folder, setting, String(entries.length));
    const entry = await runContender(contender, model.path, samples, place, interpretersOf(flags));
    report.note(`${model.name}, ${setting}: ${JSON.stringify(entry)}`);
    entries.push(entry);
  }
  const done = entries.filter((entry) => !("failed" in entry));
  const dataset = await model.open(model.evaluation, flags.images);
  const { float, compared } = await report.progress(
    `${model.name}, ${setting}: judging`,
    (update) => judge(model, done.map(({ file }) => file), dataset, update),
  );
  const judged = entries.map((entry) => compared[done.indexOf(entry)] as Comparison | undefined);
  const results = entries.map(({ contender: { tool }, ...cost }, i) => ({
    tool,
    marks: judged[i]?.hits.length ? judged[i]?.hits : judged[i]?.agreements,
    seconds: "seconds" in cost ? cost.seconds : undefined,
  }));
  const columns = verdicts(results, timesAsFast);
  return entries.map(({ contender, file: _, ...cost }, i) => ({
    model: model.name,
    images: dataset.count,
    calibrated_on: data.count,
    setting,
    tool: contender.tool,
    options: contender.options.join(" "),
    float_top1_percent: float.top1,
    top1_percent: judged[i]?.top1,
    agreement_percent: judged[i]?.agreementPercent,
    sqnr_db: judged[i]?.sqnrDb,
    seconds: "seconds" in cost ? cost.seconds : undefined,
    peak_bytes: cost.peakBytes,
    ...columns[i],
    ...("failed" in cost && { note: `failed: ${cost.failed}` }),
  }));
}
