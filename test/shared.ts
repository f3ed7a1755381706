// The shared models and data, and the reason to skip tests without them.
import { existsSync } from "node:fs";
import { join } from "node:path";

export const sharedFolder = "../shared";
export const sharedPath = (...parts: string[]) => join(sharedFolder, ...parts);

/** `skip` for node:test: a reason if the shared folder is absent, else false. */
export const skipWithoutShared: string | false = existsSync(sharedPath("models", "resnet20-cifar10.onnx"))
  ? false
  : "the shared models and data are not here (../shared)";
