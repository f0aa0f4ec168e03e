/** How many values a graph shows: five minutes of one every two seconds. */
export const kept = 150

/** The newest values of many rows by id, for small graphs; what has gone is forgotten. */
export class Rates {
  readonly #rows = new Map<string, number[]>()

  /** Adds one value of every row; rows that are not among them are dropped. */
  add(values: Iterable<readonly [id: string, value: number]>): void {
    const present = new Set<string>()
    for (const [id, value] of values) {
      present.add(id)
      const row = this.#rows.get(id) ?? []
      row.push(value)
      if (row.length > kept) row.shift()
      this.#rows.set(id, row)
    }
    for (const id of this.#rows.keys()) if (!present.has(id)) this.#rows.delete(id)
  }

  /** Oldest first. */
  of(id: string): readonly number[] {
    return this.#rows.get(id) ?? []
  }
}
