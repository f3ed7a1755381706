// Checks that a node has the attributes that its schema requires, of the right types, and no others.
import type { Attribute } from "../../graph/graph.ts";
import type { Schema } from "./schema.ts";

/** The attribute type of each letter of a schema. */
const kinds: Readonly<Record<string, Attribute["type"] | undefined>> = {
  f: "float",
  i: "int",
  s: "string",
  t: "tensor",
  g: "graph",
  F: "floats",
  I: "ints",
  S: "strings",
};

/** An error text, or undefined. */
export function checkAttributes(
  attributes: ReadonlyMap<string, Attribute>,
  schema: Schema,
): string | undefined {
  for (const [key, { type }] of attributes) {
    const expected = schema.attributes.get(key);
    // ONNX reserves such names for implementations.
    if (!expected && key.startsWith("__") && key.endsWith("__")) continue;
    if (!expected) {
      const known = [...schema.attributes.keys()].join(", ") || "none";
      return `it has an attribute "${key}" that version ${schema.since} of its operator has not, expected ${known}`;
    }
    const kind = kinds[expected.kind];
    if (type === "reference" || kind === undefined || type === kind) continue;
    const found = type === "opaque" ? "something else" : type;
    return `its attribute "${key}" is ${found}, expected ${kind}`;
  }
  for (const [key, { required, kind }] of schema.attributes) {
    if (required && !attributes.has(key)) {
      return `its attribute "${key}" is absent, expected ${kinds[kind] ?? "one"}`;
    }
  }
}
