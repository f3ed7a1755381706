// An option is one row: all rows in both directions, and one that is added to the table before the modules that read
// it.
import assert from "node:assert/strict";
import test from "node:test";
import type { OptionName } from "../../src/recipe/option_names.ts";
import { type OptionRow, optionRows } from "../../src/recipe/option_rows.ts";

const switched: OptionRow<boolean> = {
  default: () => false,
  check: (value) => typeof value === "boolean" ? undefined : `Cannot switch by ${value}`,
  write: (change_pool_input_fix) => ({ change_pool_input_fix }),
  read: ({ change_pool_input_fix }) => change_pool_input_fix,
};
Object.assign(optionRows, { switched });
const name = "switched" as OptionName;

const { default: fc } = await import("fast-check");
const { batchStatistics } = await import("../../src/calibrate/batch_statistic.ts");
const { rangeMethods } = await import("../../src/calibrate/solve.ts");
const { givenOptions } = await import("../../cli/options/quantize.ts");
const { resolveConfig } = await import("../../src/files/effective_config.ts");
const { configure, effectiveOptions, optionsFor } = await import("../../src/mod.ts");
const { withOptions } = await import("../../src/recipe/effective_options.ts");
const { entriesOf, optionNames, rowOf } = await import("../../src/recipe/option_names.ts");
const { targetOf } = await import("../../src/recipe/options.ts");
const { roundings } = await import("../../src/tensor/round.ts");
const { tinyGraph } = await import("../cli/tiny.ts");

const graph = tinyGraph();
const { config: host } = resolveConfig({ target_device: "CPU" });

/** Values of every option that has keys in configuration files. */
const values = {
  alike: fc.constant(["Concat"]),
  // One preset per device: several share "CPU".
  preset: fc.constantFrom("ort-cpu", "dpu", "flexml"),
  percentage: fc.double({ min: 50, max: 99, noNaN: true }),
  weightPercentage: fc.double({ min: 50, max: 99, noNaN: true }),
  opset: fc.integer({ min: graph.opset + 1, max: 26 }),
  weightBits: fc.integer({ min: 2, max: 16 }),
  activationBits: fc.integer({ min: 2, max: 16 }),
  method: fc.constantFrom(...rangeMethods),
  weightMethod: fc.constantFrom(...rangeMethods),
  statistic: fc.constantFrom(...batchStatistics),
  perChannel: fc.boolean(),
  symmetric: fc.boolean(),
  signed: fc.boolean(),
  narrow: fc.boolean(),
  powerOfTwo: fc.boolean(),
  rounding: fc.constantFrom(...roundings),
  keepFirstLast: fc.boolean(),
  equalize: fc.constant("vitis"),
  biasCorrection: fc.constant("vitis"),
  relu6: fc.constant("always"),
  hardSwish: fc.constant(true),
  [name]: fc.boolean(),
};

const wordless = [
  "dpu",
  "exclude",
  "overrides",
  "schemes",
  "smooth",
  "bins",
  "startBin",
  "stride",
  "coherence",
  "grids",
];

test("every option has keys in a configuration file or is known to have none", () => {
  const spelt = optionNames.filter((name) => Object.keys(entriesOf(name, sampleOf(name))).length > 0);
  assert.deepEqual([...spelt].sort(), Object.keys(values).sort());
  assert.deepEqual(optionNames.filter((name) => !spelt.includes(name)).sort(), wordless.sort());
});

function sampleOf(name: OptionName): unknown {
  return name in values ? fc.sample(values[name as keyof typeof values] as never, 1)[0] : undefined;
}

/** Percentages count only under this method. */
const beside = { method: "percentile", weightMethod: "percentile", percentage: 99.5 } as const;

for (const [name, arbitrary] of Object.entries(values) as [OptionName, never][]) {
  const { read, scheme } = rowOf(name);
  if (!read && !scheme) continue;
  test(`${name}: what is written into a configuration is read from it`, () => {
    fc.assert(fc.property(arbitrary, (value) => {
      const config = withOptions(host, { ...beside, [name]: value });
      if (read) return assert.deepEqual(read(config, graph), value);
      const { activations, weights } = rowOf("schemes").read!(config, graph) as Record<string, never>;
      for (const tensors of scheme!.of) {
        assert.equal({ activations, weights }[tensors][scheme!.field], value);
      }
    }));
  });
}

test("options survive a configuration: the target is the same", () => {
  const some = fc.record(values, { requiredKeys: [] });
  const limited = { alike: true, keepFirstLast: true, signed: true, symmetric: true, preset: true };
  fc.assert(fc.property(some, (drawn) => {
    const given = Object.fromEntries(Object.entries(drawn).filter(([key]) => !(key in limited)));
    const options = optionsFor(given);
    const config = effectiveOptions(options);
    assert.deepEqual(effectiveOptions(options), config);
    const { weights, activations } = targetOf(options);
    const schemes = rowOf("schemes").read!(config, graph) as typeof options.schemes & object;
    assert.deepEqual([schemes.weights!.bits, schemes.activations!.bits], [weights.bits, activations.bits]);
    assert.equal(schemes.weights!.narrow, weights.narrow ?? false);
    for (const name of ["method", "weightMethod", "opset", "perChannel"] as const) {
      if (given[name] !== undefined) assert.equal(rowOf(name).read!(config, graph), given[name], name);
    }
  }));
});

test("a row that is added is an option: default, check, flag, and both directions", () => {
  const options = optionsFor({}) as unknown as Record<string, unknown>;
  assert.equal(options[name], false);
  assert.throws(() => targetOf(optionsFor({ [name]: 3 })), /Cannot switch by 3/);
  assert.deepEqual(givenOptions({ [name]: true } as never), { [name]: true });
  assert.equal(effectiveOptions(optionsFor({ [name]: true })).change_pool_input_fix, true);
  const file = { target_device: "DPU", change_pool_input_fix: true };
  const { options: read } = configure(JSON.stringify(file), graph);
  assert.equal((read as Record<string, unknown>)[name], true);
});
