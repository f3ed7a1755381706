// Rules that give single tensors another scheme or range.
import { ConfigError } from "../error.ts";
import type { Name } from "../graph/graph.ts";
import type { Override } from "./encodings.ts";
import { matcherOf } from "./exclude.ts";
import type { Points } from "./points.ts";

export type OverrideRule = {
  /** A tensor's name, or a regular expression between slashes; of a folded weight also the name in the file. */
  readonly tensor: string;
  readonly bits?: number;
  readonly symmetric?: boolean;
  readonly signed?: boolean;
  readonly narrow?: boolean;
  readonly perChannel?: boolean;
  /** Both ends together. */
  readonly low?: number;
  readonly high?: number;
};

/** What each tensor has of its own; later rules go before earlier ones. ConfigError for a rule that names nothing. */
export function overridesOf(rules: readonly OverrideRule[], points: Points): Map<Name, Override> {
  const names = [...points.activations, ...points.weights.map(({ name }) => name)];
  const found = new Map<Name, Override>();
  for (const rule of rules) {
    const matches = matcherOf(rule.tensor);
    const matched = names.filter((name) => matches(name) || matches(name.replace(/_folded(_\d+)?$/, "")));
    if (matched.length === 0) {
      throw new ConfigError(
        `Cannot override "${rule.tensor}": no quantized tensor has that name, report.json lists them`,
      );
    }
    const override = overrideOf(rule);
    for (const name of matched) {
      const before = found.get(name);
      found.set(name, { ...before, ...override, scheme: { ...before?.scheme, ...override.scheme } });
    }
  }
  return found;
}

function overrideOf({ tensor, low, high, perChannel, ...scheme }: OverrideRule): Override {
  const { bits = 8 } = scheme;
  if (!Number.isInteger(bits) || bits < 2 || bits > 16) {
    throw new ConfigError(`Cannot override "${tensor}": bits are ${bits}, expected 2 to 16`);
  }
  if ((low === undefined) !== (high === undefined) || (low ?? 0) > (high ?? 0)) {
    throw new ConfigError(
      `Cannot override "${tensor}": its range is ${low}..${high}, expected two rising ends`,
    );
  }
  const range = low === undefined || high === undefined ? {} : { range: { low, high } };
  return { scheme, ...(perChannel === undefined ? {} : { perChannel }), ...range };
}
