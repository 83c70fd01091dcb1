/** Two-sided p-values and intervals of the normal and Student's distribution. Small p-values keep their digits. */

/** Of an estimate over its standard error; `degrees` null: of the normal distribution. */
export function pValue(statistic: number, degrees: number | null): number {
  const square = statistic ** 2;
  if (square === 0) return 1;
  return degrees === null ? upperGamma(0.5, square / 2) : lowerBeta(degrees / (degrees + square), degrees / 2, 0.5);
}

/** So many standard errors to either side hold all but `share`. */
export function quantile(share: number, degrees: number | null): number {
  let [low, high] = [0, 1];
  while (pValue(high, degrees) > share) high *= 2;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (pValue(middle, degrees) > share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const TERMS_MAX = 500;
const CLOSE = 1e-15;
const TINY = 1e-300;

/** Γ(a, x) / Γ(a): a series for small x, else a continued fraction (Abramowitz, Stegun 6.5.29 and 6.5.31). */
function upperGamma(a: number, x: number): number {
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let [term, sum] = [1 / a, 1 / a];
    for (let n = 1; n < TERMS_MAX && term > CLOSE * sum; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return 1 - front * sum;
  }
  return front / fraction((n) => (n === 0 ? [1, x + 1 - a] : [-n * (n - a), x + 2 * n + 1 - a]));
}

/** I_x(a, b) by the continued fraction 26.5.8. */
function lowerBeta(x: number, a: number, b: number): number {
  if (x > (a + 1) / (a + b + 2)) return 1 - lowerBeta(1 - x, b, a);
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b)) / a;
  return (
    front /
    fraction((n) => {
      if (n === 0) return [1, 1];
      const m = n >> 1;
      const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
      const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
      return [n % 2 === 0 ? even : odd, 1];
    })
  );
}

/** b0 + a1/(b1 + a2/(b2 + ...)), by Lentz's method; `term(n)`: [a, b]. */
function fraction(term: (n: number) => readonly [number, number]): number {
  let value = term(0)[1];
  let [c, d] = [value, 0];
  for (let n = 1; n < TERMS_MAX; n++) {
    const [a, b] = term(n);
    d = 1 / (b + a * d || TINY);
    c = b + a / c || TINY;
    value *= c * d;
    if (Math.abs(c * d - 1) < CLOSE) break;
  }
  return value;
}

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

/** Of x > 0. */
function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const t = x + 6.5;
  const sum = LANCZOS.reduce((total, c, i) => total + (i === 0 ? c : c / (x - 1 + i)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}
