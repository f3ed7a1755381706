// Runs the job files of examples/cluster with stand-ins for the schedulers.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { promisify } from "node:util";
import { inTempFolder, projectPath, readJson } from "./run_program.ts";
import { writePictures, writeTinyModel } from "./tiny.ts";

const run = promisify(execFile);
const skip = process.platform === "win32" ? "the job files are for POSIX shells" : false;
const example = (name: string) => projectPath(`examples/cluster/${name}`);

/** A stand-in for sbatch that runs the jobs of an array immediately, the last one first. */
const sbatch = `#!/bin/sh
for word; do case "$word" in --array=1-*) last=\${word#--array=1-};; --wrap=*) wrap=\${word#--wrap=};; esac; done
SLURM_ARRAY_TASK_ID=\${last:-1}
while [ "$SLURM_ARRAY_TASK_ID" -ge 1 ]; do
  export SLURM_ARRAY_TASK_ID; sh -c "$wrap" >&2; SLURM_ARRAY_TASK_ID=$((SLURM_ARRAY_TASK_ID - 1))
done
echo 42
`;

async function inPlace(work: (folder: string, env: NodeJS.ProcessEnv) => Promise<unknown>) {
  await inTempFolder(async (folder) => {
    const bin = join(folder, "bin");
    mkdirSync(bin);
    const launch = [
      process.execPath,
      ..."Deno" in globalThis ? ["run", "--quiet", "-A"] : [],
      projectPath("cli/main.ts"),
    ];
    const program = `#!/bin/sh\nexec ${launch.map((word) => `"${word}"`).join(" ")} "$@" --device cpu\n`;
    writeFileSync(join(bin, "halftone"), program, { mode: 0o755 });
    writeFileSync(join(bin, "sbatch"), sbatch, { mode: 0o755 });
    await writeTinyModel(folder);
    await writePictures(folder, 16);
    await work(folder, { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` });
    const found = readJson(folder, "quantize_result", "report.json");
    assert.equal(found.images, 32);
  });
}

test("slurm.sh calibrates in an array of jobs and merges", { skip }, () =>
  inPlace((folder, env) => {
    const words = { MODEL: "tiny.onnx", IMAGES: "pictures", SHARDS: "2" };
    return run("sh", [example("slurm.sh")], { cwd: folder, env: { ...env, ...words } });
  }));

test(
  "kubernetes.yaml calibrates in an indexed job and merges",
  { skip },
  () =>
    inPlace(async (folder, env) => {
      const text = readFileSync(example("kubernetes.yaml"), "utf8");
      const [calib, merge] = [
        ...text.matchAll(/args:\n\s+- (?:>-\n)?((?:\s*halftone|\s+--).*\n(?:\s+--.*\n)*)/g),
      ].map(
        ([, command]) =>
          command.replace(/\s+/g, " ").replaceAll("/data/", `${folder}/`).replace("model.onnx", "tiny.onnx")
            .replace("/images --subset-len 4000", "/pictures --batch-size 4"),
      );
      const completions = Number(/completions: (\d+)/.exec(text)![1]);
      for (let index = 0; index < completions; index++) {
        await run("sh", ["-c", calib], { env: { ...env, JOB_COMPLETION_INDEX: `${index}` } });
      }
      await run("sh", ["-c", merge], { env });
    }),
);
