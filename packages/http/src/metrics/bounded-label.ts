/** What stands for all values beyond the limit. */
export const other = 'other'

/** More of a value says nothing to people. Characters. */
const maxLength = 100

/**
 * Values of a label that clients choose: the first that come keep their name for good, and all others are `other`, so
 * that nobody can make the series grow without end.
 */
export class BoundedLabel {
  readonly #max: number
  readonly #known = new Set<string>()

  constructor(max: number) {
    this.#max = max
  }

  of(value: string): string {
    const shown = cut(value)
    if (this.#known.has(shown)) return shown
    if (this.#known.size >= this.#max) return other
    this.#known.add(shown)
    return shown
  }
}

/** As much of a text as a label may have. */
export function cut(text: string): string {
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text
}
