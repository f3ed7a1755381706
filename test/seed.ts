// The seed of random examples: another in every run, unless HALFTONE_SEED names it. Names of tests print it.
import process from "node:process";

const named = process.env.HALFTONE_SEED;
export const seed = named ? Number(named) : Math.floor(Math.random() * 2 ** 31);
