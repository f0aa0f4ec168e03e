/** What measures nothing itself. */
const docs = 'docs'

/** Which groups the words on the command line mean. */
export class Selection {
  readonly #words: readonly string[]
  readonly #groups: readonly string[]

  /**
   * @param words see {@link Arguments.words}
   * @param groups names of all that can be measured
   * @throws for a word that means nothing
   */
  constructor(words: readonly string[], groups: readonly string[]) {
    this.#words = words.length === 0 ? ['micro', 'servers'] : words.filter(word => word !== docs)
    this.#groups = groups
    const unknown = this.#words.find(
      word => word !== 'micro' && word !== 'servers' && !groups.some(group => this.#means(word, group)),
    )
    if (unknown !== undefined) throw new Error(`${unknown}: there is no such group (see --help)`)
  }

  hasMicro(group: string): boolean {
    return this.#words.some(word => word === 'micro' || this.#means(word, group))
  }

  /** @param once a long run, which must be asked for by name */
  hasScenario(name: string, once = false): boolean {
    return this.#words.some(word => (word === 'servers' && !once) || this.#means(word, name))
  }

  /** A word that is a group's whole name means no other whose name only begins so. */
  #means(word: string, group: string): boolean {
    return this.#groups.includes(word) ? word === group : group.startsWith(word)
  }
}

/** True if there are words, and none that measures. */
export function measuresNothing(words: readonly string[]): boolean {
  return words.length > 0 && words.every(word => word === docs)
}
