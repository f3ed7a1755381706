// eval.json beside --deploy: the usual last run of the scripts takes one image, and must not replace the full test.
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { quantInfoFile } from "../steps/encodings.ts";

/**
 * The number of images of the eval.json in `folder`, if it is of the present quant_info.json and of more images than
 * `images`.
 */
export async function largerEvaluation(folder: string, images: number): Promise<number | undefined> {
  try {
    const path = join(folder, "eval.json");
    const [evaluated, calibrated] = await Promise.all(
      [path, join(folder, quantInfoFile)].map((one) => stat(one)),
    );
    if (evaluated.mtimeMs < calibrated.mtimeMs) return undefined;
    const found = JSON.parse(await readFile(path, "utf8"))?.images;
    return typeof found === "number" && found > images ? found : undefined;
  } catch {
    return undefined; // Absent or damaged: there is nothing to keep.
  }
}
