import type { Layer } from './layer.ts'
import { isSettings, type Path, type Settings, valueAt } from './path.ts'

/**
 * Settings out of several places, the first of which has the first say. Objects are put together name by name; all else,
 * lists included, is taken whole.
 */
export class Layers {
  readonly settings: Settings
  readonly #layers: readonly Layer[]

  constructor(layers: readonly Layer[]) {
    this.#layers = layers
    this.settings = layers.map(({ settings }) => settings).reduce(merged)
  }

  /** Where the value comes from, or what is nearest to it where there is none. */
  originOf(path: Path): Layer | undefined {
    for (let length = path.length; length > 0; length--) {
      const part = path.slice(0, length)
      const origin = this.#layers.find(({ settings }) => valueAt(settings, part) !== undefined)
      if (origin !== undefined) return origin
    }
    return undefined
  }
}

function merged(over: Settings, under: Settings): Settings {
  const names = [...new Set([...Object.keys(under), ...Object.keys(over)])]
  return Object.fromEntries(
    names.map(name => {
      const [one, other] = [valueAt(over, [name]), valueAt(under, [name])]
      if (one === undefined) return [name, other]
      return [name, isSettings(one) && isSettings(other) ? merged(one, other) : one]
    }),
  )
}
