// How operators read their attributes: a reader states the type and the default.
import type { Attribute, Graph } from "../../graph/graph.ts";
import type { Tensor } from "../../tensor/tensor.ts";

export type Spec<T> = { readonly read: (attribute: Attribute | undefined) => T };
export type Specs = Readonly<Record<string, Spec<unknown>>>;
export type AttributesOf<S extends Specs> = {
  readonly [K in keyof S]: S[K] extends Spec<infer T> ? T : never;
};

type ValueOf<K extends Attribute["type"]> = Extract<Attribute, { readonly type: K }>["value"];

function readerOf<K extends Attribute["type"], T>(kind: K, convert: (value: ValueOf<K>) => T) {
  return (fallback?: T): Spec<T> => ({
    read(attribute) {
      if (!attribute) {
        if (fallback === undefined) throw new TypeError(`it is absent, expected ${kind}`);
        return fallback;
      }
      if (attribute.type !== kind) throw new TypeError(`its type is ${attribute.type}, expected ${kind}`);
      return convert(attribute.value as unknown as ValueOf<K>);
    },
  });
}

/** Attribute readers; without a fallback the attribute is required. `int` and `ints` give the nearest double. */
export const int = readerOf("int", Number);
export const ints = readerOf("ints", (values) => values.map(Number));
export const bigint = readerOf("int", (value) => value);
export const bigints = readerOf("ints", (values) => values);
export const float = readerOf("float", (value) => value);
export const floats = readerOf("floats", (values) => values);
export const text = readerOf("string", (value) => value);
export const graphOf = readerOf("graph", (value) => value as Graph);
export const texts = readerOf("strings", (values) => values);
export const tensorOf = readerOf("tensor", (value) => value as Tensor);
/** An attribute that may be absent, without a default. */
export function optional<T>(reader: (fallback?: T) => Spec<T>): Spec<T | undefined> {
  return { read: (attribute) => attribute && reader().read(attribute) };
}
