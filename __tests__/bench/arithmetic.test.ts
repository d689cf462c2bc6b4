const { RunError, median, ratioOf, stepsOf, growthOf } = require('./arithmetic.cjs');

test('the median is the middle value, or the mean of the two in the middle', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(() => median([])).toThrow(RunError);
});

test('the ratio is the median of the ratios of pairs, not the ratio of the medians', () => {
  // The host became four times as slow in the middle of the run: each pair still says 2.
  const pairs = [
    { ours: 2, floor: 1 },
    { ours: 8, floor: 4 },
    { ours: 9, floor: 4 },
  ];
  expect(ratioOf(pairs)).toEqual({ seconds: 8, floorSeconds: 4, ratio: 2 });
  expect(ratioOf([...pairs, { ours: 300, floor: 3 }]).ratio).toBe(2.125);
});

test.each([
  ['of 2026-11-30: 25.8 s beside 1.1 s', [{ ours: 1.1, floor: 25.8 }]],
  [
    'in one pair of three',
    [
      { ours: 2, floor: 1 },
      { ours: 2, floor: 1 },
      { ours: 1.4, floor: 2 },
    ],
  ],
])('a floor above what it bounds is an error of the run: %s', (_, pairs) =>
  expect(() => ratioOf(pairs)).toThrow(/more than the .* of what it bounds/),
);

test('a floor as high as what it bounds is possible, a duration of nothing is not', () => {
  expect(ratioOf([{ ours: 1, floor: 1 }]).ratio).toBe(1);
  for (const pair of [
    { ours: 1, floor: 0 },
    { ours: Number.NaN, floor: 1 },
  ])
    expect(() => ratioOf([pair])).toThrow(RunError);
});

test('growth compares the last clusters with the first', () => {
  const points = [1, 10, 100].map((size) => ({ size, computes: 1 + size * 0.02 }));
  expect(stepsOf(points).map((step: number) => step.toFixed(4))).toEqual(['0.0200', '0.0200']);
  expect(growthOf(points)).toBeCloseTo(1);
  expect(
    growthOf([
      { size: 1, computes: 1 },
      { size: 10, computes: 2 },
      { size: 100, computes: 32 },
    ]),
  ).toBeCloseTo(3);
});

test('more clusters that computed less are an error of the run, not a growth below zero', () =>
  expect(() =>
    growthOf([
      { size: 1, computes: 2 },
      { size: 10, computes: 1.5 },
      { size: 100, computes: 9 },
    ]),
  ).toThrow(/10 clusters computed 1.50 s/));
