// Options of trtexec that command lines carry along (TensorRT 8 to 11, sampleOptions.cpp): they choose how TensorRT
// builds or runs on CUDA, and have no counterpart to choose here.
import type { Option } from "commander";
import type { Terminal } from "../terminal/terminal.ts";
import { option } from "./option.ts";

type Inert = { readonly flags: string; readonly why: string };

const recorded = "every run is submitted at once, as one recorded list of kernels";
const separate = "uploads and downloads are measured, each on its own line";
const typed = "the model's own types and encodings decide";
const planned = "planning has no such limit";
const asynchronous = "the host waits for the device without spinning";

export const inertRows: readonly Inert[] = [
  { flags: "--use-cuda-graph", why: recorded },
  { flags: "--no-cuda-graph", why: recorded },
  { flags: "--use-spin-wait", why: asynchronous },
  { flags: "--no-spin-wait", why: asynchronous },
  { flags: "--no-data-transfers", why: separate },
  { flags: "--include-data-transfers", why: separate },
  { flags: "--separate-profile-run", why: "layers are always profiled in a run of their own" },
  { flags: "--explicit-batch", why: "dimensions are always explicit" },
  { flags: "--strongly-typed", why: typed },
  { flags: "--explicit-precision", why: typed },
  { flags: "--no-t-f32", why: "float32 products are never shortened" },
  { flags: "--workspace <MB>", why: planned },
  { flags: "--mem-pool-size <SPEC>", why: planned },
  { flags: "--sparsity <SPEC>", why: "weights are dense" },
  { flags: "--builder-optimization-level <N>", why: "planning has one level" },
  { flags: "--min-timing <N>", why: "kernel variants are timed as often as it takes" },
  { flags: "--avg-timing <N>", why: "kernel variants are timed as often as it takes" },
  { flags: "--timing-cache-file <FILE>", why: "measured kernel choices are kept in the cache folder" },
  { flags: "--no-builder-cache", why: "measured kernel choices are kept in the cache folder" },
  { flags: "--profiling-verbosity <name>", why: "layers are always named" },
  { flags: "--use-managed-memory", why: "WebGPU decides where buffers are" },
];

const inert = option("Options of trtexec without effect");

/** Hidden: the help lists what has an effect. */
export const inertOptions: readonly Option[] = inertRows.flatMap(({ flags, why }) => {
  // Without its positive form, an option --no-X would set a default.
  const positive = flags.startsWith("--no-") ? [`--${flags.slice("--no-".length)}`] : [];
  const known = new Set(inertRows.map((row) => row.flags));
  return [...positive.filter((one) => !known.has(one)), flags].map((one) => inert(one, why).hideHelp());
});

/** Reports the flags that were given. */
export function noteInert(flags: Readonly<Record<string, unknown>>, terminal: Terminal): void {
  for (const { flags: flag, why } of inertRows) {
    const made = inert(flag, why);
    const value = flags[made.attributeName()];
    if (value === undefined || value === made.negate) continue;
    terminal.note(`${made.long} has no effect: ${why}`);
  }
}
