// What the benchmark makes of its measurements. What cannot be is an error of the run, never a result.
'use strict';

/** A measurement that contradicts itself: the host did something else meanwhile. */
class RunError extends Error {}

/** The middle value; of an even number the mean of the two in the middle. */
function median(values) {
  if (values.length === 0) throw new RunError('nothing was measured');
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/**
 * The median of the pairs' ratios, and the medians of both sides in seconds. @param pairs {ours, floor}, measured one right after the other
 * @throws RunError when a floor is above what it bounds
 */
function ratioOf(pairs) {
  pairs.forEach(({ ours, floor }, index) => {
    if (!(floor > 0) || !(ours > 0)) throw new RunError(`pair ${index + 1}: ${ours} s and ${floor} s are no durations`);
    if (floor > ours)
      throw new RunError(
        `pair ${index + 1}: the floor took ${floor.toFixed(2)} s, more than the ${ours.toFixed(2)} s of what it bounds: this host was busy with other work; run it again on an idle one`,
      );
  });
  return {
    seconds: median(pairs.map(({ ours }) => ours)),
    floorSeconds: median(pairs.map(({ floor }) => floor)),
    ratio: median(pairs.map(({ ours, floor }) => ours / floor)),
  };
}

/** CPU seconds that each further cluster costs, from one size to the next. @param points {size, computes}, smallest first */
function stepsOf(points) {
  return points.slice(1).map(({ size, computes }, index) => (computes - points[index].computes) / (size - points[index].size));
}

/**
 * What a cluster among the last costs of one among the first: 1 is linear.
 * @throws RunError when more clusters computed less
 */
function growthOf(points) {
  const steps = stepsOf(points);
  const wrong = steps.findIndex((step) => !(step > 0));
  if (wrong >= 0)
    throw new RunError(
      `${points[wrong + 1].size} clusters computed ${points[wrong + 1].computes.toFixed(2)} s, not more than ${points[wrong].size} with ${points[wrong].computes.toFixed(2)} s: run it again with more rounds`,
    );
  return steps.at(-1) / steps[0];
}

module.exports = { RunError, median, ratioOf, stepsOf, growthOf };
