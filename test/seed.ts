// The seed of random examples: different in every run unless HALFTONE_SEED sets it. Test titles print it.
import process from "node:process";

const named = process.env.HALFTONE_SEED;
export const seed = named ? Number(named) : Math.floor(Math.random() * 2 ** 31);
