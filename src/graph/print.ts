// A graph as text, one line per node, for goldens and for reading. The text depends on the graph alone.
import { elementCount } from "../tensor/shape.ts";
import { elements, numbers, type Tensor } from "../tensor/tensor.ts";
import type { Attribute, Graph, Name, Node, Value } from "./graph.ts";

/**
 * `y: float32[N, 8] = Gemm(x, w, b) transB=1`, after lines for the graph, its inputs and its constants, and before
 * one for its outputs. Nested graphs follow their node, indented.
 */
export function printGraph(graph: Graph): string {
  return `${linesOf(graph).join("\n")}\n`;
}

function linesOf(graph: Graph): string[] {
  const print = (name: Name) => printValue(name, graph.values.get(name));
  const constants = [...graph.values].filter(([, value]) => value.constant);
  return [
    `graph ${JSON.stringify(graph.name)} opset ${graph.opset}`,
    ...graph.inputs.map((name) => `input ${print(name)}`),
    ...constants.map(([name, value]) => `const ${print(name)}${printElements(value.constant!)}`),
    ...graph.nodes.flatMap((node) => nodeLines(node, print)),
    ...graph.outputs.map((name) => `output ${print(name)}`),
  ];
}

function nodeLines(node: Node, typed: (name: Name) => string): string[] {
  const outputs = node.outputs.map((name) => name === "" ? "_" : typed(name)).join(", ");
  const inputs = node.inputs.map((name) => name === "" ? "_" : name).join(", ");
  const kind = node.domain === "" ? node.opType : `${node.domain}.${node.opType}`;
  const attributes = [...node.attributes].sort(([a], [b]) => (a < b ? -1 : 1));
  const texts = attributes.map(([key, attribute]) => ` ${key}=${printAttribute(attribute)}`);
  const nested = attributes.flatMap(([key, attribute]) =>
    attribute.type === "graph" ? [`${key}:`, ...linesOf(attribute.value)].map((line) => `  ${line}`) : []
  );
  return [`${outputs} = ${kind}(${inputs})${texts.join("")}`, ...nested];
}

function printValue(name: Name, value: Value | undefined): string {
  if (!value || value.dtype === "undefined") return name;
  if (!value.shape) return `${name}: ${value.dtype}`;
  return `${name}: ${value.dtype}[${value.shape.map((dim) => dim === "" ? "?" : dim).join(", ")}]`;
}

function printAttribute(attribute: Attribute): string {
  switch (attribute.type) {
    case "int":
      return String(attribute.value);
    case "float":
      return printFloat(attribute.value);
    case "string":
      return JSON.stringify(attribute.value);
    case "ints":
      return `[${attribute.value.join(", ")}]`;
    case "floats":
      return `[${attribute.value.map(printFloat).join(", ")}]`;
    case "strings":
      return JSON.stringify(attribute.value);
    case "tensor":
      return `${attribute.value.dtype}[${attribute.value.shape.join(", ")}]${printElements(attribute.value)}`;
    case "graph":
      return "{…}";
    case "reference":
      return `@${attribute.value}`;
    case "opaque":
      return "opaque";
  }
}

/** The shortest decimal with the same float32: 1e-5, not 0.00000999999974737. */
function printFloat(value: number): string {
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === Math.fround(value)) return String(short);
  }
  return String(value);
}

const shownElements = 8;

/** Small constants are printed in full, because axes, pads and scales matter in goldens. */
function printElements(tensor: Tensor): string {
  const plain = /^(float(16|32|64)|bfloat16|u?int(8|16|32|64)|bool)$/.test(tensor.dtype);
  return plain && elementCount(tensor.shape) <= shownElements ? ` {${printNumbers(tensor)}}` : "";
}

function printNumbers(tensor: Tensor): string {
  // 64-bit integers beyond 2^53 must not be rounded in a golden.
  if (/^u?int/.test(tensor.dtype)) return Array.from(elements(tensor), String).join(", ");
  return numbers(tensor).map(tensor.dtype === "float64" ? String : printFloat).join(", ");
}
