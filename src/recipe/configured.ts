// From a configuration file to options for a graph. All that a file asks for and halftone cannot do is listed in one
// table and rejected in one message.
import { UnsupportedError } from "../error.ts";
import { parseConfig } from "../files/config.ts";
import { checkConflicts } from "../files/config_conflicts.ts";
import { type TensorKind, tensorKinds } from "../files/config_schema.ts";
import { type EffectiveConfig, resolveConfig, type TensorConfig } from "../files/effective_config.ts";
import type { Graph } from "../graph/graph.ts";
import { layersOf } from "./configured_layers.ts";
import { notesOn } from "./configured_notes.ts";
import { withOptions } from "./effective_options.ts";
import { optionNames, rowOf } from "./option_names.ts";
import type { LayerRule } from "./overrides.ts";
import type { QuantizeOptions } from "./quantize_options.ts";
import { hasPositions, isSame, settingsOf } from "./tensor_parameters.ts";

/** `notes`: keys without effect on this graph, a sentence each. */
export type Configured = { readonly options: Partial<QuantizeOptions>; readonly notes: readonly string[] };

/**
 * Options from the text of a configuration file of the Vitis AI quantizer, for this model. `config` is the file with
 * its precedence applied, `notes` lists keys that have no effect. `given` options override the file.
 * @throws ConfigError naming the wrong key or the keys that contradict each other; UnsupportedError listing everything
 * that halftone cannot do yet.
 *
 * ```ts
 * const { options } = configure(await readFile("int_config.json", "utf8"), model);
 * const calibration = await calibrate(model, data, machine, options);
 * ```
 */
export function configure(
  text: string,
  graph: Graph,
  given: Partial<QuantizeOptions> = {},
): Configured & { readonly config: EffectiveConfig } {
  const resolved = resolveConfig(parseConfig(text));
  // In a file this switch excludes two layers by name; the option stays an option.
  const { keepFirstLast: _, ...written } = given;
  const config = withOptions(checkConflicts(resolved.config), written);
  const { options, notes } = optionsOf(config, graph);
  const exclude = [...options.exclude ?? [], ...given.exclude ?? []];
  const overrides = [...options.overrides ?? [], ...given.overrides ?? []];
  const { schemes } = options;
  return {
    config,
    options: { ...options, ...given, exclude, schemes, ...(overrides.length ? { overrides } : {}) },
    notes: [...resolved.notes, ...notes],
  };
}

/** @throws UnsupportedError listing everything that halftone cannot do yet. */
export function optionsOf(config: EffectiveConfig, graph: Graph): Configured {
  requireSupported(config);
  const layers = layersOf(config, graph);
  const { input, activation } = config.tensor_quantize_config;
  const overrides: LayerRule[] = [
    ...(isSame(input, activation)
      ? []
      : [{ kind: "input", ...settingsOf(input, hasPositions(config)) } as const]),
    ...layers.rules,
  ];
  const { exclude = [], ...options } = readOptions(config, graph);
  return {
    options: {
      ...options,
      exclude: [...new Set([...exclude, ...layers.float])],
      ...(overrides.length ? { overrides } : {}),
    },
    notes: [...layers.notes, ...notesOn(config, graph)],
  };
}

function readOptions(config: EffectiveConfig, graph: Graph): Partial<QuantizeOptions> {
  const read = optionNames.map((name) => [name, rowOf(name).read?.(config, graph)]);
  return Object.fromEntries(read.filter(([, value]) => value !== undefined));
}

type Refusal = (config: EffectiveConfig) => string | false | undefined;

/** What halftone cannot do, because ONNX has no such codes. */
const refusals: readonly Refusal[] = [
  ofCodes(({ bit_width: bits }, kind) => kind !== "bias" && (bits < 2 || bits > 16) && `bit_width ${bits}`),
  ofCodes(({ bit_width: bits }, kind, config) =>
    kind === "bias" && hasPositions(config) && (bits < 2 || bits > 16) && `bit_width ${bits}`
  ),
];

type Ask = (tensor: TensorConfig, kind: TensorKind, config: EffectiveConfig) => string | false;

/** Looks for refused parameters in all quantized tensors, those of layer rules included. */
function ofCodes(ask: Ask): Refusal {
  return (config) => {
    const blocks = [config, ...config.layer_quantize_config].map((one) => one.tensor_quantize_config);
    const found = blocks.flatMap((tensors) =>
      tensorKinds.map((kind) => {
        const tensor = tensors[kind];
        const what = tensor?.datatype === "int" && ask(tensor, kind, config);
        return what && `${what} of ${kind}`;
      })
    );
    return [...new Set(found.filter(Boolean))].join(", ");
  };
}

function requireSupported(config: EffectiveConfig): void {
  const found = refusals.map((refusal) => refusal(config)).filter(Boolean);
  if (found.length === 0) return;
  throw new UnsupportedError(
    `Cannot quantize by this configuration: not supported yet are ${found.join("; ")}`,
  );
}
