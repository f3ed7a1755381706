// The digest by which a quant_info.json knows its model.
import { createHash } from "node:crypto";
import { graphListing } from "../src/formats/quant_info.ts";
import type { Graph } from "../src/graph/graph.ts";

export function graphDigest(graph: Graph): string {
  return createHash("md5").update(graphListing(graph)).digest("hex");
}
