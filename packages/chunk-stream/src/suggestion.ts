/**
 * The candidate that was probably meant, for messages about wrong names; undefined if none is like the text.
 *
 * @param most letters that may be wrong; default a third of the text, and at least 2
 */
export function suggestion(
  text: string,
  candidates: Iterable<string>,
  most: number = Math.max(2, Math.floor(text.length / 3)),
): string | undefined {
  let best: string | undefined
  let least = most + 1
  for (const candidate of candidates) {
    const distance = editDistance(text.toLowerCase(), candidate.toLowerCase())
    if (distance < least) [best, least] = [candidate, distance]
  }
  return best
}

/** A clause for the end of such a message, with its comma; empty if nothing is like the text. */
export function didYouMean(text: string, candidates: Iterable<string>): string {
  const meant = suggestion(text, candidates)
  return meant === undefined ? '' : `, did you mean ${meant}?`
}

/** Letters to insert, remove, replace or swap with their neighbour. */
function editDistance(one: string, other: string): number {
  let [before, last] = [[] as number[], Array.from({ length: other.length + 1 }, (_, index) => index)]
  for (let i = 1; i <= one.length; i++) {
    const row = [i]
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1] ? 0 : 1
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same)
      if (one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) cost = Math.min(cost, (before[j - 2] ?? cost) + 1)
      row.push(cost)
    }
    ;[before, last] = [last, row]
  }
  return last[other.length] ?? 0
}
