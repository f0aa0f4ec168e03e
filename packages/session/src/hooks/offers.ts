import type { Abilities, Acts } from '../contract/abilities.ts'
import type { Plugin } from '../contract/plugin.ts'

/** What plugins offer to do. Of several that offer the same, the first in the present list does it, as with sources. */
export class Offers implements Abilities {
  readonly #plugins: () => readonly Plugin[]
  readonly #offers = new Map<Plugin, Partial<Acts>>()

  /** @param plugins those that are asked at present, in their order */
  constructor(plugins: () => readonly Plugin[]) {
    this.#plugins = plugins
  }

  get record(): Acts['record'] | undefined {
    return this.#first('record')
  }

  get relay(): Acts['relay'] | undefined {
    return this.#first('relay')
  }

  get openFile(): Acts['openFile'] | undefined {
    return this.#first('openFile')
  }

  add<Name extends keyof Acts>(plugin: Plugin, ability: Name, act: Acts[Name]): void {
    this.#offers.set(plugin, { ...this.#offers.get(plugin), [ability]: act })
  }

  /** The plugin is used no more. */
  withdraw(plugin: Plugin): void {
    this.#offers.delete(plugin)
  }

  #first<Name extends keyof Acts>(ability: Name): Acts[Name] | undefined {
    for (const plugin of this.#plugins()) {
      const act = this.#offers.get(plugin)?.[ability]
      if (act !== undefined) return act
    }
    return undefined
  }
}
