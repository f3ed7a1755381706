// Composition of passes: each result is verified, and an error names the pass that broke the graph.
import { HalftoneError } from "../error.ts";
import type { Graph, Rewrite } from "../graph/graph.ts";
import { verify } from "../graph/verify.ts";

/** Applies the passes in order; `names` label them in messages about broken invariants. */
export function rewrite(graph: Graph, passes: Readonly<Record<string, Rewrite>>): Graph {
  let result = graph;
  for (const [name, pass] of Object.entries(passes)) {
    result = pass(result);
    try {
      verify(result);
    } catch (cause) {
      if (!(cause instanceof HalftoneError)) throw cause;
      throw new Error(`Invariant: pass ${name} left a malformed graph: ${cause.message}`, { cause });
    }
  }
  return result;
}
