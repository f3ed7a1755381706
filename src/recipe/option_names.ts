// Walking the rows of options.
import { type Entries, type OptionRow, optionRows } from "./option_rows.ts";
import type { QuantizeOptions } from "./quantize_options.ts";
import { parameterRows } from "./tensor_parameters.ts";

export type OptionName = keyof QuantizeOptions;
export const optionNames = Object.keys(optionRows) as readonly OptionName[];

/** Rows without their types, to walk them. */
export function rowOf(name: OptionName): OptionRow<unknown> {
  return optionRows[name] as OptionRow<unknown>;
}

/** What an option changes in a configuration file. */
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
