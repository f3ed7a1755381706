// The version in package.json, which lies one folder up from the sources and two up from the built program.
import { existsSync, readFileSync } from "node:fs";

export function version(): string {
  const places = ["../package.json", "../../package.json"].map((path) => new URL(path, import.meta.url));
  const found = places.find((place) => existsSync(place));
  return found ? (JSON.parse(readFileSync(found, "utf8")) as { version: string }).version : "unknown";
}
