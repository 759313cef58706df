/** A measurement at a size. */
export interface Point {
  size: number;
  value: number;
}

/**
 * The exponent k of the curve value = c · size^k that fits the points best (least squares of the logarithms): 1 if twice
 * the size costs twice as much.
 * @throws if the points have fewer than two sizes, or a size or value that is not positive
 */
export function logLogSlope(points: readonly Point[]): number {
  if (points.some(({ size, value }) => size <= 0 || value <= 0)) throw new Error('a size or value is not positive');
  const xs = points.map(({ size }) => Math.log(size));
  const ys = points.map(({ value }) => Math.log(value));
  const [meanX, meanY] = [mean(xs), mean(ys)];
  const variance = sum(xs.map((x) => (x - meanX) ** 2));
  if (variance === 0) throw new Error('a slope needs at least two sizes');
  const slope = sum(xs.map((x, index) => (x - meanX) * ((ys[index] ?? 0) - meanY))) / variance;
  return Math.round(slope * 100) / 100;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
const mean = (numbers: readonly number[]): number => sum(numbers) / numbers.length;
