export { type ExpOptions, exp } from "./exp.ts";
export { type Divisors, divide, reciprocal } from "./reciprocal.ts";
export { log, sqrt } from "./roots-and-logarithms.ts";
export { type SigmoidOptions, sigmoid, tanh } from "./sigmoid.ts";
