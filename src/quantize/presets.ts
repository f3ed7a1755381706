// Targets by the names that users and configuration files give them.
import type { Target } from "./target.ts";
import { type Device, type Preset, targets } from "./targets/all.ts";

export type { Device, Preset };

export const presets: readonly Preset[] = targets.map(({ name }) => name);
export const defaultPreset = presets[0];
export const descriptorPreset: Preset = targets.find((target: Target) => target.forDescriptors)!.name;
export const devices: readonly Device[] = [...new Set(targets.flatMap(({ devices }) => devices))];

export function targetOfPreset(preset: Preset): Target {
  return targets.find(({ name }) => name === preset)!;
}

/** The first target with this device name. */
export function targetOfDevice(device: Device): Target & { readonly name: Preset } {
  return targets.find((target: Target) => target.devices.includes(device))!;
}
