// What the flags and the configuration file ask for together.
import { readFile } from "node:fs/promises";
import { ConfigError, within } from "../../src/error.ts";
import type { EffectiveConfig, QuantizeOptions } from "../../src/mod.ts";
import { library, type Model } from "../open.ts";
import { type QuantizeFlags, saidOptions } from "./quantize.ts";
import type { Terminal } from "../terminal/terminal.ts";

export type Settings = {
  readonly options: QuantizeOptions;
  readonly effective: EffectiveConfig;
  /** What in the configuration file has no effect. */
  readonly notes: readonly string[];
};

/** Before data or a device are opened: a wrong configuration is told at once. */
export async function settingsOf(flags: QuantizeFlags, model: Model, terminal: Terminal): Promise<Settings> {
  const { configure, effectiveOptions, optionsFor } = await library();
  const said = saidOptions(flags);
  const file = flags.configFile ?? flags.config;
  if (file === undefined) {
    const options = optionsFor(said);
    return { options, effective: effectiveOptions(options), notes: [] };
  }
  const text = await textOf(file);
  const { options, config, notes } = within(file, () => configure(text, model.graph, said));
  for (const note of notes) terminal.note(`${file}: ${note}`);
  return { options: optionsFor(options), effective: config, notes };
}

async function textOf(file: string): Promise<string> {
  return await readFile(file, "utf8").catch((cause) => {
    const state = cause.code === "ENOENT" ? "the file does not exist" : cause.message;
    throw new ConfigError(`Cannot read the configuration: ${state}, expected JSON; pass --config-file FILE`, {
      where: [file],
      cause,
    });
  });
}
