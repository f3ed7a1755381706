// One case: a model, the range and shape of each input, and what halftone is to do with it. Tests replay cases from
// JSON.
import type { Graph, Name } from "../../src/graph/graph.ts";
import { nodeLabel } from "../../src/graph/graph.ts";
import { decodeModel, encodeModel } from "../../src/onnx/mod.ts";
import type { Feeds } from "../../src/plan/machine.ts";
import { elementCount, type Shape } from "../../src/tensor/shape.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { Dice } from "./dice.ts";
import type { QuantizeRequest } from "./draw_options.ts";

export type FedInput = {
  readonly name: Name;
  readonly shape: Shape;
  readonly low: number;
  readonly high: number;
};
export type Case = {
  readonly graph: Graph;
  readonly fed: readonly FedInput[];
  readonly seed: number;
  readonly request: QuantizeRequest;
};

/** Batches of uniform float32 in each input's range, the same in every run. */
export function batchesOf({ fed, seed }: Case, count: number): Feeds[] {
  return Array.from({ length: count }, (_, i) => {
    const dice = new Dice(seed + 7919 * i);
    return new Map(fed.map(({ name, shape, low, high }) => {
      const values = Array.from({ length: elementCount(shape) }, () => low + (high - low) * dice.unit());
      return [name, tensor("float32", shape, values)];
    }));
  });
}

export type CaseJson = {
  /** The failure when the case was found. */
  readonly about: string;
  /** The network as text, for readers; tests use `model`. */
  readonly network: readonly string[];
  readonly request: QuantizeRequest;
  readonly seed: number;
  readonly fed: readonly FedInput[];
  /** The ONNX file in base64. */
  readonly model: string;
};

export function caseJson({ graph, fed, seed, request }: Case, about: string): CaseJson {
  const model = btoa(Array.from(encodeModel(graph), (byte) => String.fromCharCode(byte)).join(""));
  return { about, network: linesOf(graph), request, seed, fed, model };
}

export function caseOf({ model, fed, seed, request }: CaseJson): Case {
  return {
    graph: decodeModel(Uint8Array.from(atob(model), (letter) => letter.charCodeAt(0))),
    fed,
    seed,
    request,
  };
}

/** The network as text: one line per node. */
export function linesOf(graph: Graph): string[] {
  const describe = (name: Name) => {
    const value = graph.values.get(name);
    return value?.constant ? `${name}:${value.constant.dtype}[${value.shape}]` : name || "_";
  };
  const attributesOf = (node: Graph["nodes"][number]) =>
    [...node.attributes].map(([key, { type, value }]) =>
      `${key}=${type === "graph" || type === "tensor" || type === "opaque" ? type : String(value)}`
    ).join(" ");
  return [
    `opset ${graph.opset}, ${
      graph.inputs.map((name) => `${name}[${graph.values.get(name)?.shape}]`).join(" ")
    }`,
    ...graph.nodes.map((node) =>
      `${nodeLabel(node)}(${node.inputs.map(describe).join(", ")}) → ${node.outputs.join(", ")} ${
        attributesOf(node)
      }`
        .trim()
    ),
    `outputs ${graph.outputs.join(", ")}`,
  ];
}
