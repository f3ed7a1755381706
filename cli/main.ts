#!/usr/bin/env -S deno run -A
// halftone COMMAND. The program runs in a worker thread, so that the main thread can always handle Ctrl-C.
import process from "node:process";
import { isMainThread } from "node:worker_threads";
import { runThread } from "./process/main_thread.ts";

if (isMainThread) process.exit(await runThread(import.meta.url));
else await import("./process/program_thread.ts");
