// Chance that is the same on every run, for the fuzz tests.

/** Numbers below the limit, the same ones each time (a linear congruential generator). */
export function generator(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** One of a list. */
export function oneOf<T>(items: readonly T[], random: (limit: number) => number): T {
  return items[random(items.length)]!;
}
