// The picture of an inspection: inspect_TARGET.gv, and beside it .svg or .png.
import { dotOf, type GraphPicture } from "../../src/report/graph_picture.ts";
import { drawGraph, type Drawing, svgOf } from "../../src/report/graph_svg.ts";
import type { GraphPng } from "../../src/storage/graph_png.ts";
import type { ImageFormat } from "../options/shared.ts";
import { writeBytes, writeText, type WrittenFile } from "../output.ts";
import type { NamedInspection } from "./inspection_text.ts";

export type WrittenPicture = {
  readonly files: readonly WrittenFile[];
  /** What to know about it, if anything. */
  readonly note?: string;
};

/** `stem`: the name of the files without an extension. */
export async function writePicture(
  folder: string,
  stem: string,
  inspection: NamedInspection,
  format: ImageFormat,
): Promise<WrittenPicture> {
  const dot = dotOf(pictureOf(inspection));
  const drawing = await drawGraph(dot);
  const { content, note } = await render[format](drawing);
  return {
    files: [
      await writeText(folder, `${stem}.gv`, dot),
      await writeBytes(folder, `${stem}.${format}`, content),
    ],
    note,
  };
}

type Rendered = { readonly content: Uint8Array; readonly note?: string };

const render: Record<ImageFormat, (drawing: Drawing) => Promise<Rendered>> = {
  svg: (drawing) => Promise.resolve({ content: new TextEncoder().encode(svgOf(drawing)) }),
  async png(drawing) {
    // Loaded only here, because it needs native code.
    const { pngOf } = await import("../../src/storage/graph_png.ts");
    const { content, ...how } = await pngOf(drawing);
    return { content, note: noteOf(how) };
  },
};

function noteOf({ columns: { count, share }, fonts }: Omit<GraphPng, "content">): string | undefined {
  const how = [
    ...count > 1 ? [`in ${count} columns, each from top to bottom`] : [],
    ...share < 1 ? [`at ${Math.round(100 * share)} % of its size`] : [],
  ];
  const notes = [
    ...how.length
      ? [
        `The PNG shows the graph ${how.join(" and ")}: no PNG is as large; --image-format svg draws it whole`,
      ]
      : [],
    ...fonts ? [] : [
      "No font is installed: letters of the PNG are made of dots; install one, such as fonts-dejavu-core, " +
      "or pass --image-format svg, which has the letters themselves",
    ],
  ];
  return notes.length ? notes.join("\n") : undefined;
}

/** The nodes of an inspection, and the graph's inputs and outputs where they are no nodes. */
export function pictureOf(
  { file, targetName, target, nodes, inputs, outputs }: NamedInspection,
): GraphPicture {
  const names = new Set(nodes.filter(({ inputs }) => inputs.length === 0).map(({ name }) => name));
  return {
    title: `${file} on ${targetName}`,
    nodes: nodes.map(({ name, type, device, shape, inputNodes, why, messages }) => ({
      ...{ name, type, device, shape, inputs: inputNodes },
      onCodes: device === target.units.codes,
      reason: [why, ...messages].join("; "),
    })),
    inputs: inputs.filter(({ name }) => !names.has(name)).map(({ name, shape }) => ({
      ...{ name, shape },
      nodes: nodes.filter(({ inputs }) => inputs.some((one) => one.name === name)).map(({ name }) => name),
    })),
    outputs: outputs.map(({ name, shape, maker }) => ({
      name,
      shape,
      nodes: maker === undefined ? [] : [maker],
    })),
  };
}
