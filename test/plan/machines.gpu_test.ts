import { gpu } from "../device/gpu.ts";
import { machineSuite } from "./machine_suite.ts";

machineSuite("WebGPU machine", () => gpu());
if ("Deno" in globalThis) machineSuite("Deno's WebGPU machine", () => gpu("deno"));
