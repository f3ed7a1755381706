#!/usr/bin/env node
// Starts halftone: the built program if there is one; otherwise the sources, under Node if it can run them (22.18 or
// newer), else under the deno package.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const built = new URL("../dist/cli/main.js", import.meta.url);
const source = new URL("../cli/main.ts", import.meta.url);
const [major, minor] = process.versions.node.split(".").map(Number);

if (existsSync(built)) await import(built.href);
else if (major > 22 || (major === 22 && minor >= 18)) await import(source.href);
else runUnderDeno();

function runUnderDeno() {
  const deno = findDeno();
  if (!deno) {
    console.error(
      `Cannot start halftone: it is not built, and Node ${process.versions.node} cannot run its sources, ` +
        "expected 22.18 or newer; run npm run build, or npm install deno",
    );
    process.exit(1);
  }
  const config = fileURLToPath(new URL("../deno.json", import.meta.url));
  const program = ["run", "--quiet", "-A", "--config", config, fileURLToPath(source)];
  const child = spawn(deno, [...program, ...process.argv.slice(2)], { stdio: "inherit" });
  // The child handles signals. On Ctrl-C in a terminal it gets two, the second one from here, and ignores that.
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

/** The executable of the deno package, which the package's launcher unpacks on first use. */
function findDeno() {
  const require = createRequire(import.meta.url);
  try {
    const name = process.platform === "win32" ? "deno.exe" : "deno";
    const unpacked = join(dirname(require.resolve("deno/package.json")), name);
    return existsSync(unpacked) ? unpacked : require("deno/install_api.cjs").runInstall();
  } catch {
    return undefined;
  }
}
