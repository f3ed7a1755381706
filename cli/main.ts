#!/usr/bin/env -S deno run -A
// halftone COMMAND. The program works in a thread of its own: this one hears Ctrl-C, whatever that one computes.
import process from "node:process";
import { isMainThread } from "node:worker_threads";
import { runThread } from "./thread.ts";

if (isMainThread) process.exit(await runThread(import.meta.url));
else await import("./halftone.ts");
