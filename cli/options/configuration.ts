// The quantization options that the flags and the configuration file resolve to.
import { readFile } from "node:fs/promises";
import { ConfigError, within } from "../../src/error.ts";
import type { EffectiveConfig, QuantizeOptions } from "../../src/mod.ts";
import { library, type Model } from "../open.ts";
import { givenOptions, type QuantizeFlags } from "./quantize.ts";
import type { Terminal } from "../terminal/terminal.ts";

export type ResolvedConfig = {
  readonly options: QuantizeOptions;
  readonly effective: EffectiveConfig;
  /** Entries of the configuration file that have no effect. */
  readonly notes: readonly string[];
};

/** Called before data or a device are opened, so that a wrong configuration is reported at once. */
export async function resolveConfig(
  flags: QuantizeFlags,
  model: Model,
  terminal: Terminal,
): Promise<ResolvedConfig> {
  const { configure, effectiveOptions, optionsFor } = await library();
  const given = givenOptions(flags);
  const file = flags.configFile ?? flags.config;
  if (file === undefined) {
    const options = optionsFor(given);
    return { options, effective: effectiveOptions(options), notes: [] };
  }
  const text = await readConfig(file);
  const { options, config, notes } = within(file, () => configure(text, model.graph, given));
  for (const note of notes) terminal.note(`${file}: ${note}`);
  return { options: optionsFor(options), effective: config, notes };
}

async function readConfig(file: string): Promise<string> {
  return await readFile(file, "utf8").catch((cause) => {
    const state = cause.code === "ENOENT" ? "the file does not exist" : cause.message;
    throw new ConfigError(`Cannot read the configuration: ${state}, expected JSON; pass --config-file FILE`, {
      where: [file],
      cause,
    });
  });
}
