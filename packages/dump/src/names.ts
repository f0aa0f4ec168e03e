/** What stands for a name or a value that is not shown. */
export const masked = '***'

/** Shorter ones would be found in ordinary words. */
const shortest = 3
const maxKnown = 100

/**
 * Keeps the names of streams, which are often keys, and whatever stands in queries of URLs out of what is shown. A name
 * that was seen is masked from then on wherever it appears.
 */
export class Names {
  readonly #show: boolean
  readonly #known = new Set<string>()

  constructor(show: boolean) {
    this.#show = show
  }

  get shown(): boolean {
    return this.#show
  }

  /** Whether any name has been seen. */
  get learned(): boolean {
    return this.#known.size > 0
  }

  /** The name of a stream. */
  name(value: string): string {
    if (this.#show) return value
    const [name = ''] = value.split('?')
    for (const text of [value, name, name.replace(/^(mp4|mp3|flv):/, '')]) {
      if (text.length >= shortest && this.#known.size < maxKnown) this.#known.add(text)
    }
    return value === '' ? '' : masked
  }

  /** Nothing of a value that may be secret. */
  hidden(value: string): string {
    return this.#show || value === '' ? value : masked
  }

  /** Any other text. */
  text(value: string): string {
    if (this.#show) return value
    let shown = value.replace(/([?&][^=&?\s]*=)[^&\s#]*/g, `$1${masked}`).replace(/(:\/\/)[^/@\s]*@/g, `$1${masked}@`)
    for (const name of this.#known) shown = shown.replaceAll(name, masked)
    return shown
  }
}
