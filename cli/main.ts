#!/usr/bin/env -S deno run -A
// halftone COMMAND. The program works in a thread of its own: this one hears Ctrl-C, whatever that one computes.
import process from "node:process";
import { isMainThread } from "node:worker_threads";
import { runThread } from "./process/main_thread.ts";

if (isMainThread) process.exit(await runThread(import.meta.url));
else await import("./process/program_thread.ts");
