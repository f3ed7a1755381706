// Expressions of --exclude: JavaScript's own engine is the judge, and time is linear.
import assert from "node:assert/strict";
import process from "node:process";
import test from "node:test";
import * as fc from "fast-check";
import { expression } from "../../src/quantize/expression.ts";
import { matcherOf } from "../../src/quantize/exclude.ts";
import { seed } from "../seed.ts";

const patterns = [
  ..."abc a ^a a$ ^$ a.c a+ a*b (ab)+c? (?:a|b)*c [a-c]+ [^a] [\\]x] \\d+ \\w\\.\\d \\bab\\b \\Bb a\\/b"
    .split(" "),
  ..."a{2} a{2,} a{1,2}b (a|ab)(c|bcd) a??b a+?b x l\\.[0-9]+ (a*)* (a+)+b () \\x41 \\u0041b \\t \\$".split(
    " ",
  ),
  ..."a|bc| (?<name>a)b (a|b|)c a{0} (a{2}){2} [\\d.]+x \\W \\S+".split(" "),
];

test("expressions match as in JavaScript", () => {
  const texts = fc.string({ unit: fc.constantFrom(..."abcdx.0/A$ \t]\n"), maxLength: 8 });
  fc.assert(
    fc.property(fc.constantFrom(...patterns), texts, (pattern, text) => {
      assert.equal(expression(pattern)(text), new RegExp(pattern).test(text), `/${pattern}/ in ${text}`);
    }),
    { seed, numRuns: 3000 },
  );
});

test("expressions that hang a backtracking engine take no time", () => {
  const before = process.cpuUsage();
  for (
    const pattern of [
      "^(a+)+$",
      "^(a|a)*$",
      "^(a|aa)+$",
      "(.*)*(.*)*(.*)*x$",
      "(a?){30}a{30}b",
      "^(([a-z])+.)+[A-Z]$",
    ]
  ) {
    assert.equal(expression(pattern)(`${"a".repeat(2000)}!`), false, pattern);
  }
  const { user, system } = process.cpuUsage(before);
  assert.ok(user + system < 5e6, `${user + system} µs`);
});

test("expressions beyond automata, and malformed or huge ones, are refused", () => {
  for (const rule of ["/(a)\\1/", "/a(?=b)/", "/(?<!a)b/", "/(a/", "/a{1000}{1000}/"]) {
    assert.throws(() => matcherOf(rule), { name: "ConfigError", message: /^Cannot read --exclude \// }, rule);
  }
});
