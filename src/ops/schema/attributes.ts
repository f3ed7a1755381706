// Whether a node has the attributes that its operator's schema asks for, in their types, and no others.
import type { Attribute } from "../../graph/graph.ts";
import type { Schema } from "./schema.ts";

/** What each letter of a schema is called, and which attributes fit it. */
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

/** What is wrong, or undefined. */
export function checkAttributes(
  attributes: ReadonlyMap<string, Attribute>,
  schema: Schema,
): string | undefined {
  for (const [key, { type }] of attributes) {
    const expected = schema.attributes.get(key);
    // ONNX leaves names of this kind to implementations.
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
