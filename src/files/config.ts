// Reads a configuration file. Errors name the key, what was found, what was expected, and the nearest valid word.
import type { z } from "zod";
import { ConfigError } from "../error.ts";
import { type ConfigFile, configSchema, keysOf } from "./config_schema.ts";
import { nearestWord } from "./nearest.ts";

/** @throws ConfigError naming the first wrong key. */
export function parseConfig(text: string): ConfigFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ConfigError(`Cannot read the configuration: ${(cause as Error).message}, expected JSON`, {
      cause,
    });
  }
  const result = configSchema.safeParse(json, { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new ConfigError(`Cannot read the configuration: ${sentence(issue)}`, { cause: result.error });
}

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

function sentence(issue: Issue): string {
  if (issue.code === "unrecognized_keys") return unknownKey(issue.path, issue.keys[0]);
  const place = pathText(issue.path);
  const absent = issue.input === undefined;
  return `${place} is ${absent ? "absent" : valueText(issue.input)}, expected ${expectedText(issue)}`;
}

function unknownKey(path: Path, key: string): string {
  const known = keysAt(path);
  const near = nearestOf(key, known);
  const elsewhere = homes.find(([keys]) => keys.includes(key));
  const advice = near
    ? `did you mean "${near}"?`
    : elsewhere
    ? `it belongs in ${elsewhere[1]}`
    : `expected one of ${known.join(", ")}`;
  return `${pathText([...path, key])} is unknown, ${advice}`;
}

/** The nearest word, ignoring case. */
function nearestOf(word: string, words: readonly string[]): string | undefined {
  const near = nearestWord(word.toLowerCase(), words.map((known) => known.toLowerCase()));
  return words.find((known) => known.toLowerCase() === near);
}

/** The objects that keys belong to. */
const homes: [readonly string[], string][] = [
  [keysOf.parameters, '"overall_quantize_config" or a tensor of "tensor_quantize_config"'],
  [keysOf.kinds, '"tensor_quantize_config"'],
  [keysOf.layer, 'a rule of "layer_quantize_config"'],
  [keysOf.top, "the top of the file"],
];

function keysAt(path: Path): readonly string[] {
  const last = path.at(-1);
  if (last === undefined) return keysOf.top;
  if (last === "tensor_quantize_config") return keysOf.kinds;
  return typeof last === "number" ? keysOf.layer : keysOf.parameters;
}

function expectedText(issue: Issue): string {
  switch (issue.code) {
    case "invalid_value": {
      const words = issue.values.map(String);
      const near = typeof issue.input === "string" ? nearestOf(issue.input, words) : undefined;
      return `${words.length > 1 ? "one of " : ""}${words.join(", ")}${
        near ? `; did you mean "${near}"?` : ""
      }`;
    }
    case "invalid_type":
      return typeWords[issue.expected] ?? issue.expected;
    case "too_small":
      return issue.origin === "string"
        ? "a text that is not empty"
        : `${issue.inclusive ? "at least" : "more than"} ${issue.minimum}`;
    case "too_big":
      return `at most ${issue.maximum}`;
    default:
      return issue.message;
  }
}

const typeWords: Readonly<Record<string, string>> = {
  int: "a whole number",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  string: "a text",
};

function valueText(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function pathText(path: Path): string {
  return path.length ? `key ${path.map((key) => JSON.stringify(key)).join(" › ")}` : "the file";
}
