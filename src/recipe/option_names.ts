// The rows of options by name.
import { type Entries, type OptionRow, optionRows } from "./option_rows.ts";
import type { QuantizeOptions } from "./quantize_options.ts";
import { parameterRows } from "./tensor_parameters.ts";

export type OptionName = keyof QuantizeOptions;
export const optionNames = Object.keys(optionRows) as readonly OptionName[];

/** The row of an option, whatever the type of its value. */
export function rowOf(name: OptionName): OptionRow<unknown> {
  return optionRows[name] as OptionRow<unknown>;
}

/** The keys of a configuration file that an option sets. */
export function entriesOf(name: OptionName, value: unknown): Entries {
  const { write, scheme } = rowOf(name);
  if (write) return write(value);
  if (!scheme) return {};
  const { key, write: spell } = parameterRows[scheme.field] as {
    key: string;
    write: (value: unknown) => unknown;
  };
  return Object.fromEntries(scheme.of.map((tensors) => [tensors, { [key]: spell(value) }]));
}
