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

  /** Each has files of its own: those are asked one after the other. */
  get openFile(): Acts['openFile'] | undefined {
    const all = this.#all('openFile')
    if (all.length < 2) return all[0]
    return async (app, streamName) => {
      for (const open of all) {
        const file = await open(app, streamName)
        if (file !== undefined) return file
      }
      return undefined
    }
  }

  add<Name extends keyof Acts>(plugin: Plugin, ability: Name, act: Acts[Name]): void {
    this.#offers.set(plugin, { ...this.#offers.get(plugin), [ability]: act })
  }

  /** The plugin is used no more. */
  withdraw(plugin: Plugin): void {
    this.#offers.delete(plugin)
  }

  #first<Name extends keyof Acts>(ability: Name): Acts[Name] | undefined {
    return this.#all(ability)[0]
  }

  #all<Name extends keyof Acts>(ability: Name): readonly Acts[Name][] {
    return this.#plugins().flatMap(plugin => this.#offers.get(plugin)?.[ability] ?? [])
  }
}
