// The version in package.json, two folders above this file, three above the built one.
import { existsSync, readFileSync } from "node:fs";

/** halftone's version; `unknown` without a package.json. */
export function version(): string {
  const places = ["../../package.json", "../../../package.json"].map((path) =>
    new URL(path, import.meta.url)
  );
  const found = places.find((place) => existsSync(place));
  return found ? (JSON.parse(readFileSync(found, "utf8")) as { version: string }).version : "unknown";
}
