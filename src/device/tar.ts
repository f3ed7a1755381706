// Reads the tar archives of npm packages with native files: plain files in one folder, nothing else. Anything that
// could write outside the target folder (paths, links, devices) is an error, not skipped. Format: POSIX ustar,
// https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html
import { ModelError } from "../error.ts";

export type TarFile = { readonly name: string; readonly bytes: Uint8Array };

const block = 512;

/**
 * The files of a flat tar archive; bytes are views into `archive`. Throws ModelError at the first fault.
 */
export function tarFiles(archive: Uint8Array): TarFile[] {
  const files: TarFile[] = [];
  let at = 0;
  while (at + block <= archive.length) {
    const header = archive.subarray(at, at + block);
    if (header.every((byte) => byte === 0)) return files;
    const name = checkedName(header, at);
    const bytes = octal(header.subarray(124, 136), `size of "${name}"`);
    at += block;
    if (at + bytes > archive.length) {
      throw new ModelError(
        `Cannot unpack "${name}": the archive ends after ${
          archive.length - at
        } bytes of it, expected ${bytes}`,
      );
    }
    files.push({ name, bytes: archive.subarray(at, at + bytes) });
    at += Math.ceil(bytes / block) * block;
  }
  throw new ModelError(
    `Cannot unpack an archive of ${archive.length} bytes: it is truncated, its end mark is missing`,
  );
}

function checkedName(header: Uint8Array, at: number): string {
  const name = text(header.subarray(0, 100)).replace(/^\.\//, "");
  const stored = octal(header.subarray(148, 156), `checksum at byte ${at}`);
  if (stored !== checksum(header)) {
    throw new ModelError(
      `Cannot unpack "${name}": its header's checksum is ${checksum(header)}, expected ${stored}`,
    );
  }
  const type = String.fromCharCode(header[156]);
  if (type !== "0" && type !== "\0") {
    throw new ModelError(`Cannot unpack "${name}": its type is "${type}", expected a plain file`);
  }
  const flat = /^[\w.+-]+$/.test(name) && name !== "." && name !== ".." &&
    text(header.subarray(345, 500)) === "";
  if (!flat) throw new ModelError(`Cannot unpack "${name}": expected a file name without a folder`);
  return name;
}

function text(field: Uint8Array): string {
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

function octal(field: Uint8Array, what: string): number {
  const digits = text(field).trim();
  if (!/^[0-7]+$/.test(digits)) {
    throw new ModelError(`Cannot unpack an archive: the ${what} is "${digits}", expected octal`);
  }
  return parseInt(digits, 8);
}

/** The sum of the header's bytes with the checksum field read as spaces. */
function checksum(header: Uint8Array): number {
  return header.reduce((sum, byte, i) => sum + (i >= 148 && i < 156 ? 32 : byte), 0);
}
