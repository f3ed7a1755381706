// Quantizers in Python, each started as a process of its own on samples that halftone has preprocessed:
//   pip install onnxruntime==1.31.1 onnx
//   pip install amd-quark==0.13 onnxruntime==1.31.1 torch --extra-index-url https://download.pytorch.org/whl/cpu
import { fileURLToPath } from "node:url";
import { type Cost, jsonFrom } from "../child.ts";

export const pythonTools = {
  onnxruntime: { script: "ort_quantize_static.py", packages: ["onnxruntime", "onnx"] },
  quark: { script: "quark_quantize.py", packages: ["amd-quark", "onnxruntime", "torch"] },
} as const;
export type PythonTool = keyof typeof pythonTools;

/** Of a tool that gave up: the reason, and how many samples it had read. */
export type Failure = { readonly failed: string; readonly samplesRead?: number; readonly peakBytes?: number };

/** Names and versions in one text; `why` if the interpreter lacks a package. */
export async function versionOf(
  tool: PythonTool,
  python: string,
): Promise<{ version: string } | { why: string }> {
  const { packages } = pythonTools[tool];
  const probe = "import json, sys; from importlib.metadata import version; " +
    "print(json.dumps({name: version(name) for name in sys.argv[1:]}))";
  try {
    const found = await jsonFrom(python, ["-c", probe, ...packages]);
    return { version: packages.map((name) => `${name} ${found[name]}`).join(", ") };
  } catch (error) {
    return { why: lastErrorLine(error) };
  }
}

export type PythonJob = { readonly model: string; readonly samples: string; readonly output: string };

export async function runPython(
  tool: PythonTool,
  python: string,
  { model, samples, output }: PythonJob,
  options: readonly string[],
): Promise<Cost | Failure> {
  const script = fileURLToPath(new URL(pythonTools[tool].script, import.meta.url));
  const started = performance.now();
  try {
    const found = await jsonFrom(python, [script, model, samples, output, ...options]);
    const peakBytes = found.peak_rss_bytes as number;
    if ("failed" in found) {
      return { failed: String(found.failed), samplesRead: Number(found.samples_read), peakBytes };
    }
    return { seconds: (performance.now() - started) / 1000, peakBytes };
  } catch (error) {
    return { failed: lastErrorLine(error) };
  }
}

function lastErrorLine(error: unknown): string {
  const { stderr, message } = error as Error & { stderr?: string };
  return stderr?.trim().split("\n").at(-1) || message;
}
