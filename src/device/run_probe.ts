// Runs probe.ts under the runtime of this process and interprets its output.
import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { AdapterOptions } from "./adapter.ts";
import type { Probed } from "./probe.ts";

/** The probe compiles nothing, so a driver that takes longer hangs. */
const timeoutMs = 30_000;

/** An adapter, or `error` with the driver's own reason if it gave one. */
export async function runProbe(options: AdapterOptions): Promise<Probed> {
  // The build turns .ts into .js but does not rewrite URLs in strings.
  const script = fileURLToPath(import.meta.url).replace(/run_probe(?=\.[jt]s$)/, "probe");
  const before = "Deno" in globalThis ? ["run", "-A"] : [];
  const { failure, stdout, stderr } = await execute([...before, script, JSON.stringify(options)]);
  const reason = reasonIn(stderr);
  if (failure) return { error: reason ?? failure };
  const probed: Probed = JSON.parse(stdout);
  return "error" in probed ? { error: reason ?? probed.error } : probed;
}

function execute(args: string[]): Promise<{ failure?: string; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: timeoutMs }, (error, stdout, stderr) => {
      const crash = error &&
        (error.signal ? `the driver died of ${error.signal}` : error.message.split("\n")[0]);
      resolve({ failure: crash ?? undefined, stdout, stderr });
    });
  });
}

/** Dawn and the loader print reasons as `Warning: …` or `Error: …`; the first such line. */
export function reasonIn(stderr: string): string | undefined {
  const lines = stderr.split("\n").map((line) => /^(?:Warning|Error): (.*)/.exec(line)?.[1] ?? "");
  const reason = lines.find((line) => line && !line.includes("artificially reduced"));
  if (!reason) return undefined;
  if (/any valid GPUs|INCOMPATIBLE_DRIVER|INITIALIZATION_FAILED|no drivers/.test(reason)) {
    return "no device of this kind is in the machine";
  }
  return reason.replace(/\.$/, "");
}
