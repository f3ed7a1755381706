// How an option is declared, and the parsers of option values.
import { InvalidArgumentError, Option } from "commander";

/** Makes options of one group; the help lists a group together. */
export const option = (group: string) => (flags: string, description: string) => {
  const made = new Option(flags, description).helpGroup(`${group}:`);
  return made.required ? made.argParser(word) : made;
};

/** Copies of options that are mandatory elsewhere and optional here. */
export function optional(options: readonly Option[]): Option[] {
  return options.map((option) =>
    Object.assign(new Option(option.flags, option.description), option, { mandatory: false })
  );
}

/** A whole number from `low` to `high`. */
export function whole(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^[+-]?\d+$/.test(text) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(
      `Expected ${low === high ? low : `a whole number from ${low} to ${high}`}.`,
    );
  };
}

/** A finite number within bounds; `above` excludes its own value, `from` and `to` include theirs. */
export function number(
  { above = -Infinity, from = -Infinity, to = Infinity }: { above?: number; from?: number; to?: number },
): (text: string) => number {
  return (text) => {
    const value = text.trim() === "" ? NaN : Number(text);
    if (Number.isFinite(value) && value > above && value >= from && value <= to) return value;
    const low = above > -Infinity ? `above ${above}` : `of at least ${from}`;
    throw new InvalidArgumentError(`Expected a number ${low}${to < Infinity ? ` and at most ${to}` : ""}.`);
  };
}

/** Collects the values of an option that may be repeated. */
export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, word(text)];
}

/** Any text but a flag: `--model --json` lacks a value. */
export function word(text: string): string {
  if (!text.startsWith("--")) return text;
  throw new InvalidArgumentError("Expected a value before the next option.");
}
