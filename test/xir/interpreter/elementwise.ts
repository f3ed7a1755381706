// Elementwise operators of XIR by their definitions, and constants.
import { type Attributes, countOf, type Elements, type Operator, type Operators } from "./operator.ts";

const each =
  (f: (x: number, attributes: Attributes) => number): Operator => ({ input: [x] }, attributes) => ({
    shape: x.shape,
    data: x.data.map((value) => f(value, attributes)),
  });

type Combine = (a: number, b: number) => number;

/** NumPy's broadcasting, from the last axis on. */
function broadcast(list: readonly Elements[], f: Combine): Elements {
  return list.slice(1).reduce((a, b) => broadcastTwo(a, b, f), list[0]);
}

/** In elements; 0 along axes of one element. */
function stridesOf(shape: readonly number[]): number[] {
  let stride = 1;
  return shape.toReversed().map((size) => {
    const own = size === 1 ? 0 : stride;
    stride *= size;
    return own;
  }).reverse();
}

function broadcastTwo(a: Elements, b: Elements, f: Combine): Elements {
  const rank = Math.max(a.shape.length, b.shape.length);
  const [left, right] = [a, b].map((
    { shape },
  ) => [...new Array<number>(rank - shape.length).fill(1), ...shape]);
  const shape = left.map((size, i) => Math.max(size, right[i]));
  const [ofLeft, ofRight] = [stridesOf(left), stridesOf(right)];
  const data = new Float32Array(countOf(shape));
  const at = new Array<number>(rank).fill(0);
  let [i, j] = [0, 0];
  for (let place = 0; place < data.length; place++) {
    data[place] = f(a.data[i], b.data[j]);
    for (let axis = rank - 1; axis >= 0; axis--) {
      i += ofLeft[axis];
      j += ofRight[axis];
      if (++at[axis] < shape[axis]) break;
      i -= ofLeft[axis] * shape[axis];
      j -= ofRight[axis] * shape[axis];
      at[axis] = 0;
    }
  }
  return { shape, data };
}

const combine = (f: Combine): Operator => ({ input }) => broadcast(input, f);

/** XIR's DPU_ROUND: std::round, but ties of negative numbers go up. */
function dpuRound(x: number): number {
  if (x < 0 && x - Math.trunc(x) === -0.5) return Math.ceil(x);
  return Math.sign(x) * Math.floor(Math.abs(x) + 0.5);
}

const relu6 = (x: number) => Math.min(Math.max(x, 0), 6);
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

export const elementwiseOperators: Operators = {
  const: (_, { shape, data }) => ({ shape, data: new Float32Array(Uint8Array.from(data).buffer) }),
  fix: each((x, { fix_point, bit_width }) => {
    const half = 2 ** (bit_width - 1);
    return Math.min(Math.max(dpuRound(x * 2 ** fix_point), -half), half - 1) * 2 ** -fix_point;
  }),
  add: combine((a, b) => a + b),
  sub: combine((a, b) => a - b),
  mul: combine((a, b) => a * b),
  div: combine((a, b) => a / b),
  min: combine(Math.min),
  max: combine(Math.max),
  relu: each((x) => Math.max(x, 0)),
  relu6: each(relu6),
  "leaky-relu": each((x, { alpha }) => x < 0 ? alpha * x : x),
  prelu: ({ input, weight }) => broadcast([input[0], weight[0]], (x, slope) => x < 0 ? slope * x : x),
  elu: each((x, { alpha }) => x < 0 ? alpha * Math.expm1(x) : x),
  celu: each((x, { alpha }) => x < 0 ? alpha * Math.expm1(x / alpha) : x),
  mish: each((x) => x * Math.tanh(Math.log1p(Math.exp(x)))),
  sigmoid: each(sigmoid),
  swish: each((x) => x * sigmoid(x)),
  tanh: each(Math.tanh),
  "hard-sigmoid": each((x) => relu6(x + 3) / 6),
  "hard-swish": each((x) => x * relu6(x + 3) / 6),
  "hard-tanh": each((x) => Math.min(Math.max(x, -1), 1)),
  exp: each(Math.exp),
  neg: each((x) => -x),
  scale: ({ input: [x], scale: [gain], bias: [shift] }) => {
    const { length } = gain.data;
    return { ...x, data: x.data.map((value, i) => value * gain.data[i % length] + shift.data[i % length]) };
  },
};
