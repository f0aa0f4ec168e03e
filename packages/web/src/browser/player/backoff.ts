/** Milliseconds: the first wait, and the longest. */
const [first, longest] = [500, 10_000]

/** Milliseconds before the next attempt: each wait is twice the one before, and a fifth more or less at random. */
export function backoff(attempt: number, random: number = Math.random()): number {
  return Math.min(first * 2 ** attempt, longest) * (0.8 + 0.4 * random)
}
