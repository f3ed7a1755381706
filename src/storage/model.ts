// ONNX models as files; large tensors go to a side file if one message cannot hold them.
import { writeSync } from "node:fs";
import { basename, dirname } from "node:path";
import { ModelError, withinAsync } from "../error.ts";
import type { Graph } from "../graph/graph.ts";
import { decodeModel, encodeParts, largestModelBytes } from "../onnx/mod.ts";
import { draft, fill, writeAtomically, writeError } from "./atomic.ts";
import { externalReader } from "./external.ts";
import { readFileOf } from "./read.ts";

/**
 * Reads an ONNX file. Tensors in external files are read from the model's folder, range by range.
 *
 * @throws ModelError if the file is missing, damaged, or refers to data outside its folder; its `where` is the path.
 * @example
 * const graph = await readModel("resnet20.onnx");
 */
export function readModel(path: string): Promise<Graph> {
  return withinAsync(path, async () => {
    const bytes = await readBytes(path);
    return decodeModel(bytes, externalReader(dirname(path)));
  });
}

async function readBytes(path: string): Promise<Uint8Array> {
  return await readFileOf(path, "model", "an ONNX file", ({ size }) => {
    if (size <= largestModelBytes) return;
    const expected =
      `expected at most ${largestModelBytes} (protobuf's limit; bigger models use external data)`;
    throw new ModelError(`Cannot read the model: it has ${size} bytes, ${expected}`);
  });
}

/** The file that was written, and the size of its side file. */
export type WrittenModel = { readonly path: string; readonly bytes: number; readonly externalBytes: number };

export type WriteOptions = {
  /** Models with more bytes of initializers get a side file. */
  readonly externalAbove?: number;
  /** Initializers of fewer bytes stay in the model even then (onnx's own default). */
  readonly smallestExternal?: number;
};

/**
 * Writes the graph as an ONNX file, whole or not at all. Above 1 GB of initializers, the large ones go to
 * `NAME.onnx.data` beside it.
 *
 * @throws ModelError if the graph is not well formed or the path cannot be written.
 * @example
 * const { bytes } = await writeModel(graph, "resnet20_int.onnx");
 */
export function writeModel(graph: Graph, path: string, options: WriteOptions = {}): Promise<WrittenModel> {
  return withinAsync(path, async () => {
    const { externalAbove = 1e9, smallestExternal = 1024 } = options;
    if (constantBytes(graph) > externalAbove) return await writeInTwo(graph, path, smallestExternal);
    const parts = encodeParts(graph);
    await writeAtomically(path, parts);
    return { path, bytes: sum(parts), externalBytes: 0 };
  });
}

function constantBytes(graph: Graph): number {
  return sum([...graph.values.values()].flatMap(({ constant }) => constant?.bytes ?? []));
}

function sum(parts: readonly Uint8Array[]): number {
  return parts.reduce((total, part) => total + part.byteLength, 0);
}

/** Offsets are multiples of a page, so that a runtime can map the file (onnx/docs/ExternalData.md). */
const pageBytes = 4096;

async function writeInTwo(graph: Graph, path: string, threshold: number): Promise<WrittenModel> {
  const side = await draft(`${path}.data`);
  const model = await draft(path).catch(async (error) => {
    await side.discard();
    throw error;
  });
  try {
    let end = 0;
    const write = (bytes: Uint8Array) => {
      const offset = Math.ceil(end / pageBytes) * pageBytes;
      let done = 0;
      while (done < bytes.byteLength) {
        done += writeSync(side.file.fd, bytes, done, bytes.byteLength - done, offset + done);
      }
      end = offset + bytes.byteLength;
      return offset;
    };
    const parts = encodeParts(graph, { external: { location: `${basename(path)}.data`, threshold, write } });
    await fill(model, parts);
    // The side file first: a model never appears before its data.
    await side.finish();
    await model.finish();
    return { path, bytes: sum(parts), externalBytes: end };
  } catch (error) {
    await side.discard();
    await model.discard();
    throw writeError(path, error);
  }
}
