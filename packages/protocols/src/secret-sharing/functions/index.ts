export { type ExpOptions, exp } from "./exp.ts";
export { FLOORED_BITS, type FlooredRange, flooredFactor, flooredInverse, flooredInverseOf } from "./floored-inverse.ts";
export { type OverRoot, overRoot, type RootRange } from "./over-root.ts";
export { type Divisors, divide, reciprocal } from "./reciprocal.ts";
export { log, sqrt } from "./roots-and-logarithms.ts";
export { type SigmoidOptions, sigmoid, tanh } from "./sigmoid.ts";
export { softmax } from "./softmax.ts";
