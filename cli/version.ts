// The version in package.json, which is one folder above the sources and two above the built program.
import { existsSync, readFileSync } from "node:fs";

export function version(): string {
  const places = ["../package.json", "../../package.json"].map((path) => new URL(path, import.meta.url));
  const found = places.find((place) => existsSync(place));
  return found ? (JSON.parse(readFileSync(found, "utf8")) as { version: string }).version : "unknown";
}
