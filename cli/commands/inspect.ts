// halftone inspect: which node would run where and why, before anything is quantized. No data, no device.
import type { Option } from "commander";
import { UnsupportedError } from "../../src/error.ts";
import { presets } from "../../src/quantize/presets.ts";
import type { Command, Outcome } from "../command.ts";
import { type Settings, settingsOf } from "../options/configuration.ts";
import { inspectionJson, inspectionText, summaryText } from "../steps/inspect.ts";
import { library, type Model, openModel } from "../open.ts";
import { option } from "../options/option.ts";
import { type ModelFlags, modelOptions, type SharedFlags } from "../options/shared.ts";
import { filesText, requireWritable, writeText } from "../output.ts";
import { type QuantizeFlags, quantizeOptions } from "../options/quantize.ts";
import { requirePreset, targetNamed } from "../options/target.ts";
import type { Terminal } from "../terminal/terminal.ts";

type Flags = SharedFlags & ModelFlags & QuantizeFlags & {
  readonly target?: string;
  readonly imageFormat?: string;
};

const inspecting = option("Inspection");

/** Those that decide where codes go. */
const deciding = ["configFile", "config", "preset", "exclude", "keepFirstLast", "hardSwish", "opset"];

export const inspection: Command<Flags> = {
  summary: "say which node would run where and why, before quantizing: inspect_TARGET.txt",
  options: [
    ...modelOptions,
    inspecting("--target <NAME>", "a DPU by name or fingerprint, or a preset (default: --preset)"),
    inspecting("--image-format <svg|png>", "not supported yet").hideHelp(),
    ...(quantizeOptions as readonly Option[]).filter((one) => deciding.includes(one.attributeName())),
  ],
  async run(said, terminal) {
    if (said.imageFormat !== undefined) {
      throw new UnsupportedError(
        `Cannot draw the graph as ${said.imageFormat}: pictures are not supported yet; leave out --image-format`,
      );
    }
    await requireWritable(said.output);
    const { flags, target } = targeted(said, terminal);
    const model = await openModel(flags.model);
    return inspected(flags.output, model, await settingsOf(flags, model, terminal), target);
  },
};

/** The preset that a target means; `target` is what the file is named after, where it says more than the preset. */
function targeted(flags: Flags, terminal: Terminal): { readonly flags: Flags; readonly target?: string } {
  const { target, preset, config, configFile = config } = flags;
  if (target === undefined) return { flags };
  const name = targetNamed(target, "inspect", presets);
  if (configFile !== undefined) {
    terminal.note(`--target has no effect beside --config-file: its key "target_device" counts`);
    return { flags };
  }
  const named = presets.find((one) => one === name) ?? "dpu";
  requirePreset(name, named, preset, "inspect");
  return { flags: { ...flags, preset: named }, target: name };
}

/** Inspects, writes inspect_TARGET.txt and tells the summary. */
export async function inspected(
  folder: string,
  model: Model,
  { options }: Settings,
  target: string = options.preset,
): Promise<Outcome> {
  const { inspect } = await library();
  const found = { ...inspect(model.graph, options), file: model.file, named: target };
  const file = await writeText(folder, `inspect_${target}.txt`, `${inspectionText(found)}\n`);
  return {
    json: { ...inspectionJson(found), outputs: [file.path] },
    text: `${summaryText(found)}\n\n${filesText([file])}`,
  };
}
