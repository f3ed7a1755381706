// The archive of a TorchScript module, as torch.jit.load reads it (caffe2/serialize/inline_container.cc): a zip file
// with the module's pickle, its code, and the bytes of its tensors.
import { type Zippable, zipSync } from "fflate";
import { UnsupportedError } from "../error.ts";
import { emptyPickle } from "./pickle.ts";

export type Archive = {
  /** The pickle of the module object. */
  readonly pickle: Uint8Array;
  /** The class, in TorchScript. */
  readonly code: string;
  /** The tensors' bytes, little-endian, by the numbers that the pickle states. */
  readonly storages: readonly Uint8Array[];
};

/** fflate holds the file in one array of bytes; the offsets of a plain zip file have 32 bits. */
const mostBytes = 2 ** 31 - 1;
/** Operators mean what they mean in torch 1.12 and newer; readers change code of an older version. */
const formatVersion = 10;
/** The first day that zip has: the same model gives the same bytes. */
const mtime = "1980-01-01T12:00:00";

/** @throws UnsupportedError above 2 GB. */
export function archiveBytes({ pickle, code, storages }: Archive): Uint8Array {
  const bytes = storages.reduce((sum, { length }) => sum + length, 0);
  if (bytes > mostBytes) {
    throw new UnsupportedError(
      `Cannot write TorchScript: its tensors have ${bytes} bytes, expected at most ${mostBytes} (2 GB); use --form qdq`,
    );
  }
  const text = new TextEncoder();
  const entries: Zippable = {
    "model/data.pkl": pickle,
    "model/code/__torch__.py": text.encode(code),
    "model/constants.pkl": emptyPickle,
    ...Object.fromEntries(storages.map((storage, key) => [`model/data/${key}`, storage])),
    "model/version": text.encode(`${formatVersion}\n`),
  };
  // Stored, so that readers can map tensors into memory.
  return zipSync(entries, { level: 0, mtime });
}
