/** Which groups the words on the command line mean. */
export class Selection {
  readonly #words: readonly string[]

  /** @param words see {@link Arguments.words} */
  constructor(words: readonly string[]) {
    const groups = words.filter(word => word !== 'docs')
    this.#words = groups.length === 0 && words.length === 0 ? ['micro', 'servers'] : groups
  }

  /** True if nothing shall be measured. */
  get isEmpty(): boolean {
    return this.#words.length === 0
  }

  hasMicro(group: string): boolean {
    return this.#words.some(word => word === 'micro' || group.startsWith(word))
  }

  /** The long run must be asked for by name. */
  hasScenario(name: string): boolean {
    return this.#words.some(word => (word === 'servers' && name !== 'creep') || name.startsWith(word))
  }

  /** @throws for a word that means nothing */
  check(groups: readonly string[]): void {
    const unknown = this.#words.find(
      word => word !== 'micro' && word !== 'servers' && !groups.some(group => group.startsWith(word)),
    )
    if (unknown !== undefined) throw new Error(`${unknown}: there is no such group (see --help)`)
  }
}
