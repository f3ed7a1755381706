// What an inspection says about a model.
import type { Limits } from "../dpu/limits/limits.ts";
import type { Target } from "../quantize/target.ts";
import type { Shape } from "../tensor/shape.ts";

/** The shape is absent if it depends on the data. */
export type InspectedValue = { readonly name: string; readonly shape?: Shape };

export type InspectedAttribute = string | number | boolean | readonly (string | number)[] | Uint8Array;

/** A node of the prepared graph; for a DPU by name, an operator of XIR, whose feature maps are NHWC. */
export type InspectedNode = {
  /** Unique in the inspection. */
  readonly name: string;
  readonly type: string;
  readonly inputs: readonly InspectedValue[];
  readonly outputs: readonly InspectedValue[];
  /** The nodes that make its inputs and that read its outputs, by name. */
  readonly inputNodes: readonly string[];
  readonly outputNodes: readonly string[];
  /** Of its first output. */
  readonly shape?: Shape;
  readonly attributes: Readonly<Record<string, InspectedAttribute>>;
  /** It is quantized. */
  readonly onCodes: boolean;
  /** The unit that runs it, as the target calls it. */
  readonly device: string;
  /** Why it runs there. */
  readonly why: string;
  /** What keeps it from the target's unit for codes; absent if that runs it. */
  readonly constraint?: string;
  /** What to change in the model so that the unit for codes runs it. */
  readonly change?: string;
  /** What else there is to know about it. */
  readonly messages: readonly string[];
  /** At batch 1; absent if shapes are unknown. */
  readonly multiplyAdds?: number;
};

/** `makers`: the nodes that make the graph's outputs, by name; undefined for inputs and constants. */
export type InspectedGraph = {
  readonly nodes: readonly InspectedNode[];
  readonly makers: readonly (string | undefined)[];
};

export type Inspection = {
  readonly target: Target;
  /** The DPU whose limits were checked, if one is named. */
  readonly dpu?: Limits;
  readonly graph: string;
  readonly nodes: readonly InspectedNode[];
  /** The graph's inputs; for a DPU by name, nodes of type "data" as well. */
  readonly inputs: readonly InspectedValue[];
  /** The graph's outputs, and the node that makes each, if one does. */
  readonly outputs: readonly (InspectedValue & { readonly maker?: string })[];
  readonly hints: readonly string[];
};
