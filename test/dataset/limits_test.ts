// Data that would take all memory or never end: rejected by name, within limits that are the same on every machine.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import test from "node:test";
import { zipSync } from "fflate";
import sharp from "sharp";
import { decodeWithinLimits, gate, withLimits } from "../../src/dataset/decoding.ts";
import { openDataset } from "../../src/dataset/mod.ts";
import { readNpz } from "../../src/dataset/npz.ts";
import type { Pixels } from "../../src/dataset/pixels.ts";
import { inTempFolder } from "../cli/run_program.ts";
import { npyOf } from "./npy_bytes.ts";

const picture = [{ name: "x", dtype: "float32", shape: ["N", 3, 8, 8] }] as const;

async function drawImage(path: string): Promise<string> {
  await sharp({ create: { width: 8, height: 8, channels: 3, background: "#123456" } }).png().toFile(path);
  return path;
}

test("images beyond the limits are skipped and named once", () =>
  inTempFolder(async (folder) => {
    await drawImage(join(folder, "good.png"));
    const huge = '<svg xmlns="http://www.w3.org/2000/svg" width="4000" height="4000"></svg>';
    writeFileSync(join(folder, "huge.svg"), huge);
    await sharp({ create: { width: 8200, height: 8200, channels: 3, background: "#000" } }).png()
      .toFile(join(folder, "large.png"));
    const data = await openDataset({ sources: [{ path: folder }], inputs: [...picture] });
    for (let sweep = 0; sweep < 2; sweep++) {
      for await (const { count } of data.batches()) assert.equal(count, 1);
    }
    const found = data.skipped().map(({ file, why }) => [file.slice(folder.length + 1), why]);
    assert.deepEqual(found, [
      ["huge.svg", "it is a drawing of 4000x4000, expected at most 4194304 pixels"],
      ["large.png", "it is an image of 8200x8200, expected at most 67108864 pixels"],
    ]);
  }));

test("a pipe among images is skipped; a pipe alone, or as an array, is rejected", {
  skip: process.platform === "win32" ? "no pipes with names" : false,
}, () =>
  inTempFolder(async (folder) => {
    await drawImage(join(folder, "good.png"));
    const pipes = ["pipe.png", "pipe.npy"].map((name) => join(folder, name));
    pipes.forEach((pipe) => execFileSync("mkfifo", [pipe]));
    await assert.rejects(decodeWithinLimits(pipes[0]), /it is not a regular file/);
    for (const path of pipes) {
      await assert.rejects(openDataset({ sources: [{ path }], inputs: [...picture] }), {
        name: "ConfigError",
        message: /it is not a regular file, expected images/,
      });
    }
  }));

test("a decoder that takes too long is given up by name, a second one ends the work, and those that finish late no longer count", () =>
  inTempFolder(async (folder) => {
    const files = await Promise.all(["a.png", "b.png"].map((name) => drawImage(join(folder, name))));
    const pixels = { width: 1, height: 1, channels: 1, data: new Uint8Array(1) } as const;
    const endings: (() => void)[] = [];
    const never = () => new Promise<Pixels>((end) => endings.push(() => end(pixels)));
    let decode = never;
    const decoder = withLimits(() => decode(), 0);
    await assert.rejects(decoder(files[0]), { name: "Error", message: "it takes longer than 0 s to decode" });
    await assert.rejects(decoder(files[1]), {
      name: "ModelError",
      message: `Cannot read images: "${files[0]}" and "${files[1]}" take longer than 0 s each; remove them`,
    });
    endings.forEach((end) => end());
    decode = () => Promise.resolve(pixels);
    assert.equal(await decoder(files[0]), pixels);
    decode = never;
    await assert.rejects(decoder(files[1]), { name: "Error", message: /^it takes longer/ });
  }));

test("gate: jobs run in order within the bytes, the largest alone", async () => {
  const run = gate({ bytes: 10, works: 3 });
  let [now, most] = [0, 0];
  const order: number[] = [];
  const costs = [4, 4, 4, 25, 1, 1, 1, 1];
  await Promise.all(costs.map((cost, i) =>
    run(cost, async () => {
      order.push(i);
      now += cost;
      most = Math.max(most, cost > 10 ? now - cost : now);
      await new Promise((done) => setTimeout(done, 1));
      now -= cost;
    })
  ));
  assert.deepEqual(order, costs.map((_, i) => i));
  assert.ok(most <= 10, `${most}`);
});

test("an archive that inflates a hundredfold is rejected before it does", () => {
  const zeros = new Uint8Array(80 * 2 ** 20);
  const bomb = zipSync({ "x.npy": zeros }, { level: 1 });
  assert.throws(() => readNpz(bomb, "bomb.npz"), {
    name: "ModelError",
    message: /"x.npy" would inflate from \d+ to 83886080 bytes, at most 100 times as many/,
  });
  const beside = zipSync({ "x.npy": npyOf([1, 2], [2]), "y.npy": zeros }, { level: 1 });
  assert.deepEqual([...readNpz(beside, "beside.npz", ["x"]).keys()], ["x"]);
});

test("impossible numbers of samples without bytes are rejected", () =>
  inTempFolder(async (folder) => {
    const path = join(folder, "zero.npy");
    writeFileSync(path, npyOf([], [1e12, 0]));
    const inputs = [{ name: "x", dtype: "float32", shape: ["N", 0] }] as const;
    await assert.rejects(openDataset({ sources: [{ path }], inputs: [...inputs] }), {
      name: "ModelError",
      message: /it has 1000000000000 samples, expected at most 16777216/,
    });
  }));
