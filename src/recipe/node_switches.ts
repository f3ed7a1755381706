// Switches of a configuration file for certain nodes or operators.
import type { EffectiveConfig } from "../files/effective_config.ts";
import type { Graph } from "../graph/graph.ts";
import type { Meeting } from "../ops/declare/role.ts";
import { findOp, operatorsWhere } from "../ops/table.ts";
import { nameOf } from "./configured_layers.ts";

/** Names of the nodes that two switches keep in float: the first and the last layer, and additions. */
export function floatNames(config: EffectiveConfig, graph: Graph): string[] {
  const weighted = graph.nodes.filter((node) => findOp(node)?.role.kind === "computes");
  const ends = config.keep_first_last_layer_accuracy ? [weighted.at(0), weighted.at(-1)] : [];
  const adds = config.keep_add_layer_accuracy
    ? graph.nodes.filter((node) => findOp(node)?.algebra.affine === "adds")
    : [];
  return [...ends, ...adds].flatMap((node) => node ? [nameOf(node)] : []);
}

const operatorsThatMeet = (meeting: Meeting) =>
  operatorsWhere(({ role }) => "meets" in role && role.meets === meeting);

export function alikeOf(config: EffectiveConfig): string[] | undefined {
  const found = [
    ...(config.change_concat_input_fix ? operatorsThatMeet("concatenation") : []),
    ...(config.change_pool_input_fix ? operatorsThatMeet("pool") : []),
  ];
  return found.length ? found : undefined;
}

export function meetingsOf(alike: readonly string[]): Partial<EffectiveConfig> {
  const isAsked = (meeting: Meeting) => operatorsThatMeet(meeting).every((name) => alike.includes(name));
  return { change_concat_input_fix: isAsked("concatenation"), change_pool_input_fix: isAsked("pool") };
}
