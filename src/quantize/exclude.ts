// Rules that name what stays float.
import { ConfigError } from "../error.ts";

/** Whether a word (a node's name, output or type) is what a rule names: itself, or a regular expression in slashes. */
export function matcherOf(rule: string): (word: string) => boolean {
  const pattern = /^\/(.+)\/$/.exec(rule)?.[1];
  if (pattern === undefined) return (word) => word === rule;
  try {
    const expression = new RegExp(pattern);
    return (word) => expression.test(word);
  } catch (cause) {
    throw new ConfigError(`Cannot read --exclude ${rule}: ${(cause as Error).message}`, { cause });
  }
}
