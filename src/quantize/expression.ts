// Regular expressions in linear time, so that no rule of a user can hang the program: Thompson's automaton with all its
// states at once (CACM 11(6), 1968). The syntax is JavaScript's without back references and lookaround.

/** A state reads a character, tests the place between two characters, forks, or ends. */
type State =
  | { readonly kind: "character"; readonly fits: (character: string) => boolean; next: State }
  | { readonly kind: "place"; readonly holds: (before: string, after: string) => boolean; next: State }
  | { readonly kind: "fork"; next: readonly State[] }
  | { readonly kind: "end" };

/** Makes the states of a part of the expression, given the state that follows. */
type Part = (next: State) => State;

/** Counts are unrolled: a{1000}{1000} would be a million states. */
const mostStates = 10_000;

/** Tests whether a text contains a match. @throws SyntaxError for a malformed or unsupported expression. */
export function expression(pattern: string): (text: string) => boolean {
  // Throws the platform's message for a malformed expression.
  new RegExp(pattern);
  let states = 0;
  const count = <T extends State>(state: T): T => {
    if (++states > mostStates) {
      throw new SyntaxError(`it has more than ${mostStates} states; use smaller counts`);
    }
    return state;
  };
  const start = parsePattern(pattern, count)({ kind: "end" });
  return (text) => matches(start, Array.from(text));
}

function matches(start: State, text: readonly string[]): boolean {
  let states = new Set<State>();
  for (let at = 0; at <= text.length; at++) {
    const [before, after] = [text[at - 1] ?? "", text[at] ?? ""];
    // A match may start anywhere.
    const reached = closureOf([...states, start], before, after);
    states = new Set();
    for (const state of reached) {
      if (state.kind === "end") return true;
      if (state.kind === "character" && after !== "" && state.fits(after)) states.add(state.next);
    }
  }
  return false;
}

/**
 * With all states that are reached without reading a character, each once: the cost is at most text length × states.
 */
function closureOf(states: readonly State[], before: string, after: string): Set<State> {
  const reached = new Set(states);
  for (const state of reached) {
    if (state.kind === "fork") { for (const next of state.next) reached.add(next); }
    if (state.kind === "place" && state.holds(before, after)) reached.add(state.next);
  }
  return reached;
}

type Count = <T extends State>(state: T) => T;

function parsePattern(pattern: string, counted: Count): Part {
  let rest = pattern;
  const take = (expected: RegExp): RegExpExecArray | undefined => {
    const found = new RegExp(`^(?:${expected.source})`, "su").exec(rest);
    if (found) rest = rest.slice(found[0].length);
    return found ?? undefined;
  };
  const alternatives = (): Part => {
    const parts = [sequence()];
    while (take(/\|/)) parts.push(sequence());
    if (parts.length === 1) return parts[0];
    return (next) => counted({ kind: "fork", next: parts.map((part) => part(next)) });
  };
  const sequence = (): Part => {
    const parts: Part[] = [];
    while (rest !== "" && !/^[|)]/.test(rest)) parts.push(repeat(atom()));
    return (next) => parts.reduceRight((after, part) => part(after), next);
  };
  const repeat = (part: Part): Part => {
    const found = take(/([*+?]|\{(\d+)(,(\d*))?\})\??/);
    if (!found) return part;
    const [, sign, from, comma, to] = found;
    const least = Number(from ?? (sign === "+" ? 1 : 0));
    const open = sign === "*" || sign === "+" || (comma !== undefined && to === "");
    const most = open ? Infinity : sign === "?" ? 1 : Number(to ?? from);
    return repetition(part, least, most, counted);
  };
  const atom = (): Part => {
    const group = take(/\((\?:|\?<\w+>)?(?!\?)/);
    if (group) {
      const inner = alternatives();
      take(/\)/);
      return inner;
    }
    const place = take(/\^|\$|\\b|\\B/);
    if (place) return (next) => counted({ kind: "place", holds: places[place[0]], next });
    if (rest.startsWith("(") || take(/\\[1-9k]/)) {
      throw new SyntaxError("it has lookaround or a back reference, expected an expression without");
    }
    // A single character or class, matched by the platform.
    const one = take(/\[(?:\\.|[^\]\\])*\]|\\x[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\c[a-zA-Z]|\\.|./)!;
    const fitting = new RegExp(`^(?:${one[0]})$`);
    return (next) => counted({ kind: "character", fits: (character) => fitting.test(character), next });
  };
  return alternatives();
}

const isWord = (character: string) => /^\w$/.test(character);
const places: Readonly<Record<string, (before: string, after: string) => boolean>> = {
  "^": (before) => before === "",
  "$": (_, after) => after === "",
  "\\b": (before, after) => isWord(before) !== isWord(after),
  "\\B": (before, after) => isWord(before) === isWord(after),
};

function repetition(part: Part, least: number, most: number, counted: Count): Part {
  return (next) => {
    let after = next;
    if (most === Infinity) {
      const loop = counted({ kind: "fork", next: [] as readonly State[] });
      loop.next = [part(loop), next];
      after = loop;
    }
    for (let i = least; i < Math.min(most, least + mostStates) && most !== Infinity; i++) {
      after = counted({ kind: "fork", next: [part(after), next] });
    }
    for (let i = 0; i < least; i++) after = part(after);
    return after;
  };
}
