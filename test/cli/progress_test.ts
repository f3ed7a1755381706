import assert from "node:assert/strict";
import { test } from "node:test";
import { progressOn } from "../../cli/terminal/progress.ts";

function watchProgress(isTTY: boolean) {
  let time = 100;
  let text = "";
  const stream = { isTTY, columns: 100, on: () => {}, write: (more: string) => void (text += more) };
  const progress = progressOn(stream, "Calibrating", () => time);
  return {
    at: (second: number, done: number, total = 1000) => {
      time = 100 + second;
      progress.update(done, total);
    },
    finish: () => progress.finish(),
    text: () => text,
  };
}

test("progressOn prints nothing for work that ends within two seconds", () => {
  for (const isTTY of [false, true]) {
    const { at, finish, text } = watchProgress(isTTY);
    at(0.5, 400);
    at(1.9, 900);
    at(2.1, 1000);
    finish();
    assert.equal(text(), "");
  }
});

test("progressOn prints lines with rate and time left, at most one every five seconds", () => {
  const { at, finish, text } = watchProgress(false);
  for (let second = 0; second <= 10; second++) at(second, second * 50);
  finish();
  assert.equal(
    text(),
    "Calibrating: 100/1000 images, 50.0 images/s, 18 s left\n" +
      "Calibrating: 350/1000 images, 50.0 images/s, 13 s left\n",
  );
});

test("progressOn draws a bar on a terminal and removes it", () => {
  const { at, finish, text } = watchProgress(true);
  at(4, 100);
  finish();
  assert.match(text(), /Calibrating \[=+-+\] 100\/1000 images, 25\.0 images\/s, 36 s left/);
  assert.ok(
    text().lastIndexOf("\x1b[0K") > text().lastIndexOf("left") || text().endsWith("\x1b[2K"),
    JSON.stringify(text()),
  );
});

test("progressOn does not divide by zero", () => {
  const { at, text } = watchProgress(false);
  at(3, 0);
  assert.equal(text(), "Calibrating: 0/1000 images, ? images/s, ? left\n");
});
