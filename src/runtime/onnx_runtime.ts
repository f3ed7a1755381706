// ONNX Runtime, if the user or halftone has it installed: onnxruntime-node, else onnxruntime-web. It is not a
// dependency: it is looked up when a file is to be verified.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { ModelError } from "../error.ts";
import type { Name } from "../graph/graph.ts";
import type { Feeds, Outputs } from "../plan/machine.ts";
import { elements, type Tensor, tensorOver, type TypedArray } from "../tensor/tensor.ts";

/** How much ONNX Runtime's optimizer rewrites a graph before it runs. */
export const levels = ["disabled", "basic", "extended", "all"] as const;
export type Level = (typeof levels)[number];

export type Runtime = {
  /** The npm package: onnxruntime-node or onnxruntime-web. */
  readonly name: string;
  readonly version: string;
  /**
   * Loads a model from a file (external data included, except in onnxruntime-web) or from bytes.
   * @throws ModelError with the runtime's reason if it rejects the model.
   */
  readonly open: (model: string | Uint8Array, level: Level) => Promise<Session>;
};

export type Session = {
  /** @throws ModelError with the runtime's reason if it cannot run. */
  readonly run: (feeds: Feeds) => Promise<Outputs>;
  readonly release: () => Promise<void>;
};

const packages = ["onnxruntime-node", "onnxruntime-web"] as const;

/** The runtime installed beside the first of these files that has one; undefined if none has. */
export function findRuntime(
  from: readonly (string | URL)[] = [join(process.cwd(), "package.json"), import.meta.url],
): Runtime | undefined {
  for (const name of packages) {
    for (const place of from) {
      const found = loadRuntime(name, place);
      if (found) return runtimeOf(name, found);
    }
  }
}

type OrtTensor = { readonly type: string; readonly dims: readonly number[]; readonly data: unknown };
type OrtSession = {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly run: (feeds: Record<Name, OrtTensor>) => Promise<Record<Name, OrtTensor>>;
  readonly release: () => Promise<void>;
};
/** The interface that both packages export. */
type Library = {
  readonly env: { readonly versions: Readonly<Record<string, string | undefined>> };
  readonly InferenceSession: {
    readonly create: (model: string | Uint8Array, options: Record<string, unknown>) => Promise<OrtSession>;
  };
  readonly Tensor: new (type: string, data: unknown, dims: readonly number[]) => OrtTensor;
};

function loadRuntime(name: string, place: string | URL): Library | undefined {
  try {
    return withPlainHalves(createRequire(place)(name) as Library);
  } catch {
    // Not installed there, or not built for this system.
    return undefined;
  }
}

/**
 * The library decides at its first tensor whether half floats are a Float16Array or a Uint16Array. Native modules of
 * Deno 2.9 crash on the former, and Node 20 has none, so this makes it choose the latter.
 */
function withPlainHalves(library: Library): Library {
  const scope = globalThis as { Float16Array?: unknown };
  const hidden = scope.Float16Array;
  try {
    scope.Float16Array = undefined;
    new library.Tensor("uint8", Uint8Array.of(0), [1]);
  } finally {
    scope.Float16Array = hidden;
  }
  return library;
}

function runtimeOf(name: string, library: Library): Runtime {
  const { versions } = library.env;
  const part = name.slice("onnxruntime-".length);
  return {
    name,
    version: versions[part] ?? versions.common ?? "unknown",
    open: (model, level) => open(library, part === "node" ? model : bytesOf(model), level),
  };
}

const bytesOf = (model: string | Uint8Array) => typeof model === "string" ? readFile(model) : model;

async function open(
  library: Library,
  model: string | Uint8Array | Promise<Uint8Array>,
  level: Level,
): Promise<Session> {
  // One thread, so that sums are added in a fixed order.
  const options = { graphOptimizationLevel: level, logSeverityLevel: 4, intraOpNumThreads: 1 };
  const create = async () => library.InferenceSession.create(await model, options);
  const session = await errorTextOf(create);
  return {
    run: (feeds) =>
      errorTextOf(async () => {
        const fed = session.inputNames.filter((name) => feeds.has(name));
        const given = Object.fromEntries(
          fed.map((name) => [name, toRuntimeTensor(library, feeds.get(name)!)]),
        );
        const outputs = await session.run(given);
        return new Map(session.outputNames.map((name) => [name, fromRuntimeTensor(name, outputs[name])]));
      }),
    release: () => session.release(),
  };
}

/** The first line of an ONNX Runtime error is its reason. */
async function errorTextOf<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof ModelError) throw cause;
    throw new ModelError(String((cause as Error).message ?? cause).split("\n")[0], { cause });
  }
}

function toRuntimeTensor({ Tensor }: Library, t: Tensor): OrtTensor {
  return new Tensor(t.dtype, elements(t), [...t.shape]);
}

/** Copies the data: outputs may lie in memory that the session owns. */
function fromRuntimeTensor(name: Name, { type, dims, data }: OrtTensor): Tensor {
  if (!ArrayBuffer.isView(data)) {
    throw new ModelError(`Cannot read output "${name}": it holds ${type}, expected numbers`);
  }
  return tensorOver(type as "float32", dims, (data as TypedArray).slice() as TypedArray);
}
