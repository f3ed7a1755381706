import assert from "node:assert/strict";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { DeviceError } from "../../src/error.ts";
import { type LaneCommand, laneCommand, openLane } from "./lane.ts";
import { relu, row, withVectors } from "./vector_folder.ts";

const standIn = (...words: string[]): LaneCommand => ({
  program: process.execPath,
  words: ["run", "-A", "--quiet", fileURLToPath(new URL("stand_in.ts", import.meta.url)), ...words],
});

test("a lane answers case by case, whatever drivers print", async () => {
  const lane = await openLane(standIn());
  assert.match(lane.description, /^stand-in \d+$/);
  assert.deepEqual(await lane.judge("test_works"), { passed: true });
  assert.deepEqual(await lane.judge("test_fails"), { passed: false, why: "it is wrong" });
  lane.close();
});

test("a case that hangs is ended, and the next one runs", async () => {
  const lane = await openLane(standIn(), 0.3);
  assert.deepEqual(await lane.judge("test_hangs"), {
    passed: false,
    why: "no answer within 0.3 s",
    error: "Ended",
  });
  assert.deepEqual(await lane.judge("test_works"), { passed: true });
  lane.close();
});

test("a case that ends the process fails, and the next one runs", async () => {
  const lane = await openLane(standIn());
  const crash = await lane.judge("test_crashes");
  assert.deepEqual([crash.passed, crash.why], [false, "the process ended with SIGABRT"]);
  const exit = await lane.judge("test_exits");
  assert.deepEqual([exit.passed, exit.why], [false, "the process ended with exit code 3"]);
  assert.deepEqual(await lane.judge("test_works"), { passed: true });
  lane.close();
});

test("a lane without a machine does not open, and says why", async () => {
  await assert.rejects(openLane(standIn("absent")), (error: Error) => {
    assert.ok(error instanceof DeviceError);
    assert.match(error.message, /^Cannot open a machine to judge on: the process ended with exit code 1: .*/);
    return true;
  });
});

test("the reference lane judges", () =>
  withVectors({ test_relu: relu(row(0, 2)), test_wrong: relu(row(0, 3)) }, async (directory) => {
    const lane = await openLane(laneCommand("reference", "auto"));
    assert.match(lane.description, /^reference/);
    assert.deepEqual(await lane.judge(join(directory, "test_relu")), { passed: true });
    assert.equal((await lane.judge(join(directory, "test_wrong"))).passed, false);
    lane.close();
  }));
