// From the start of a process to the first answer of SqueezeNet: load the runtime, find the adapter, read the model,
// compile its kernels, run once.
import { execFile } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { layouts } from "../peers/onnxruntime_webgpu.ts";
import type { Report, Row } from "../report.ts";
import { inTempFolder } from "../temp_folder.ts";
import { spreadText } from "../timing.ts";
import { medianOf } from "../../src/tensor/median.ts";
import { speedup } from "./race.ts";

const program = fileURLToPath(new URL("../peers/first_answer.ts", import.meta.url));
const mostTimes = 1.5;
const scoresApart = 1e-3;

/** The drivers' caches of compiled shaders on disk: filled, as on a second start, or empty, as on the very first. */
const caches = ["warm", "cold"] as const;

export async function raceStart(shared: string, rounds: number, report: Report): Promise<Row[]> {
  const model = join(shared, "models", "squeezenet1.1-imagenet.onnx");
  const rows: Row[] = [];
  for (const cache of caches) {
    rows.push(await inTempFolder((folder) => startRow(model, rounds, cache, folder)));
    report.note(JSON.stringify(rows.at(-1)));
  }
  return rows;
}

async function startRow(
  model: string,
  rounds: number,
  cache: (typeof caches)[number],
  folder: string,
): Promise<Row> {
  const seconds = new Map<string, number[]>();
  const answers: Answer[] = [];
  const peers = ["halftone", ...layouts];
  for (let round = 0; round <= rounds; round++) {
    for (const peer of round % 2 === 1 ? peers.toReversed() : peers) {
      const place = cache === "warm" ? folder : join(folder, `${peer}${round}`);
      const started = performance.now();
      answers.push(await firstAnswer(peer, model, place));
      // The first round fills the caches: those of the drivers, of Deno and of the file system.
      if (round === 0) continue;
      seconds.set(peer, [...seconds.get(peer) ?? [], (performance.now() - started) / 1000]);
    }
  }
  const [halftone, ...theirs] = peers.map((peer) => seconds.get(peer)!);
  const best = medianOf(theirs[0]) <= medianOf(theirs[1]) ? 0 : 1;
  const { ratio, byRound } = speedup(theirs[best], halftone);
  const agree = answers.every(({ best, score }) =>
    best === answers[0].best && Math.abs(score - answers[0].score) <= scoresApart
  );
  return {
    shader_cache: cache,
    rounds,
    halftone_seconds: spreadText(halftone),
    ort_webgpu_seconds: spreadText(theirs[best]),
    times_as_long: ratio,
    times_by_round: spreadText(byRound),
    ort_layout: layouts[best],
    same_answer: agree,
    bound: `≤ ${mostTimes}`,
    verdict: agree && ratio <= mostTimes ? "kept" : "missed",
  };
}

type Answer = { readonly best: number; readonly score: number };

/** Mesa and NVIDIA keep compiled shaders in the folders that these variables name; SwiftShader keeps none. */
async function firstAnswer(peer: string, model: string, cache: string): Promise<Answer> {
  const env = {
    ...process.env,
    MESA_SHADER_CACHE_DIR: join(cache, "mesa"),
    __GL_SHADER_DISK_CACHE_PATH: cache,
  };
  const before = "Deno" in globalThis ? ["run", "-A", "--quiet"] : [];
  const { stdout } = await promisify(execFile)(process.execPath, [...before, program, peer, model], { env });
  return JSON.parse(stdout.trim().split("\n").at(-1)!);
}
