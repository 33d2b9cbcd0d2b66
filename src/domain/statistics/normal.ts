/** Φ(z), the standard normal distribution function; absolute error below 1e-15 near 0, relative error below 1e-12 in the tails. */
export function normalCdf(z: number): number {
  return z > 0 ? 1 - upperTail(z) : upperTail(-z);
}

/** 1 − Φ(z) without cancellation. */
export function normalSurvival(z: number): number {
  return normalCdf(-z);
}

/** z with Φ(z) = p, 0 < p < 1, by bisection on [−40, 40]. */
export function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  let low = -40;
  let high = 0;
  for (let step = 0; step < 80; step++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** 1 − Φ(z) for z ≥ 0: the series of Abramowitz & Stegun 26.2.11 up to 3, the continued fraction 26.2.14 beyond. */
function upperTail(z: number): number {
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z < 3) {
    let term = z;
    let sum = z;
    for (let n = 1; n < 200 && Math.abs(term) > 1e-17; n++) {
      term *= (z * z) / (2 * n + 1);
      sum += term;
    }
    return 0.5 - density * sum;
  }
  let fraction = z;
  for (let n = 60; n >= 1; n--) fraction = z + n / fraction;
  return density / fraction;
}
