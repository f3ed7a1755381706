// The doctor's findings on this machine: data for advice and for the command.
import type { Host } from "./host.ts";
import type { Probed } from "./probe.ts";

export type FoundAdapter = Exclude<Probed, { error: string }> & {
  /** The Vulkan driver manifest, "SwiftShader" (the npm package), "system" (no Vulkan) or "Deno". */
  readonly source: string;
};

export type Refusal = { readonly source: string; readonly why: string };

export type Facts = {
  readonly runtime: { readonly name: "deno" | "node"; readonly version: string };
  readonly host: Host;
  /** Installed versions by package; undefined if one is missing. */
  readonly packages: Readonly<Record<"webgpu" | "@sparticuz/chromium" | "gpu.js", string | undefined>>;
  /** Whether the system has a Vulkan loader or needs none. */
  readonly loader: boolean;
  /** The driver manifest that the environment variables name. */
  readonly givenIcd?: string;
  /** The adapter that `--device auto` uses; undefined if there is no WebGPU adapter. */
  readonly chosen?: string;
  readonly adapters: readonly FoundAdapter[];
  readonly refused: readonly Refusal[];
  /** The variants measured to be fastest on the adapter in use, by kernel and bucket. */
  readonly kernels: Readonly<Record<string, Readonly<Record<string, string>>>>;
};
