// halftone inspect: which node would run where and why, before anything is quantized. Needs no data and no device.
import type { Option } from "commander";
import { presets } from "../../src/quantize/presets.ts";
import type { Command } from "../command.ts";
import { withInputShapes } from "../../src/passes/static_shapes.ts";
import { shapesFor } from "../latency/feeds.ts";
import { library, type Model, openModel } from "../open.ts";
import { parseShapes, type Shapes } from "../options/bench.ts";
import { resolveConfig } from "../options/configuration.ts";
import { option } from "../options/option.ts";
import { type QuantizeFlags, quantizeOptions } from "../options/quantize.ts";
import {
  type InspectorFlags,
  inspectorOptions,
  type ModelFlags,
  modelOptions,
  type SharedFlags,
} from "../options/shared.ts";
import { targetFlags } from "../options/target.ts";
import { requireWritable } from "../output.ts";
import { inspectModel } from "../steps/inspect.ts";

type Flags = SharedFlags & ModelFlags & QuantizeFlags & InspectorFlags & {
  readonly target?: string;
  readonly shapes?: Shapes;
};

const inspecting = option("Inspection");

/** The options that decide which nodes are quantized. */
const deciding = ["configFile", "config", "preset", "exclude", "keepFirstLast", "hardSwish", "opset"];

export const inspection: Command<Flags> = {
  summary: "show which node would run where and why, before quantizing: inspect_TARGET.txt",
  options: [
    ...modelOptions,
    inspecting("--target <NAME>", "a DPU by name or fingerprint, or a preset (default: --preset)"),
    inspecting("--shapes <SPEC>", "shapes of inputs with open dimensions, such as x:1x3x48x320,mask:1x8")
      .argParser(parseShapes),
    ...inspectorOptions,
    ...(quantizeOptions as readonly Option[]).filter((one) => deciding.includes(one.attributeName())),
  ],
  async run(given, terminal) {
    const folder = given.outputDir ?? given.output;
    await requireWritable(folder);
    const flags = targetFlags(given, terminal, "inspect", presets);
    const model = await openInShape(flags);
    const config = await resolveConfig(flags, model, terminal);
    const { target, verboseLevel: level, imageFormat: image } = flags;
    return inspectModel(folder, model, config, { target, level, image });
  },
};

/** The model; with --shapes, its inputs have these. */
async function openInShape({ model: path, shapes }: Flags): Promise<Model> {
  const model = await openModel(path);
  if (!shapes) return model;
  const { modelInputs } = await library();
  const all = shapesFor(modelInputs(model.graph), undefined, shapes);
  return { ...model, graph: withInputShapes(model.graph, all) };
}
