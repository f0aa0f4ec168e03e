import { isDeepStrictEqual } from 'node:util'
import type { PluginClass } from '@rtmpipe/plugins'
import type { HttpCallback } from '@rtmpipe/plugins/auth'
import type { RecordedFile } from '@rtmpipe/plugins/record'
import type { Logger, Plugin } from '@rtmpipe/session'
import { valueAt } from '../config/path.ts'
import type { Problem } from '../config/problem.ts'
import { httpCallback } from '../sections/auth/index.ts'
import { asked, pluginSections, type ServeConfig } from '../sections/index.ts'
import type { PluginContext, PluginSection, OtherWorkers } from '../sections/plugin-section.ts'

/** What the plugins have to say of their sections. Nothing is opened or connected to. */
export async function sectionProblems(config: ServeConfig, log: Logger): Promise<readonly Problem[]> {
  const found = await Promise.all(
    pluginSections.map(async (section): Promise<readonly Problem[]> => {
      const options = valueAt(config, section.path)
      try {
        if (options !== undefined) await section.make(options, { log, onRecorded: async () => {} })
        return []
      } catch (error) {
        return [section.refusal ?? { path: section.path, text: (error as Error).message }]
      }
    }),
  )
  return found.flat()
}

interface SectionPlugin {
  readonly options: unknown
  readonly plugin: Plugin | undefined
}

/** The plugins that sections ask for. One whose section has not changed stays the same. */
export class SectionPlugins {
  readonly #context: PluginContext
  #plugins: ReadonlyMap<PluginSection, SectionPlugin> = new Map()

  /** @param workers the others, if there are any */
  constructor(log: Logger, workers?: OtherWorkers) {
    this.#context = { log, onRecorded: file => this.#recorded(file), ...(workers && { workers }) }
  }

  /** Makes anew what has changed; what is in use stays the same until it is taken over. */
  async prepare(config: ServeConfig): Promise<PreparedPlugins> {
    const plugins = new Map<PluginSection, SectionPlugin>()
    for (const section of pluginSections) {
      const options = valueAt(config, section.path)
      const before = this.#plugins.get(section)
      const isSame = before !== undefined && isDeepStrictEqual(before.options, options)
      const make = () => (options === undefined ? undefined : section.make(options, this.#context))
      plugins.set(section, isSame ? before : { options, plugin: await make() })
    }
    return new PreparedPlugins(plugins, () => void (this.#plugins = plugins))
  }

  /** The callback of now, whichever there was when the recorder was made. */
  async #recorded(file: RecordedFile): Promise<void> {
    const callback = this.#plugins.get(httpCallback)?.plugin as HttpCallback | undefined
    await callback?.recorded(file)
  }
}

/** The plugins of a configuration that is not in force yet. */
export class PreparedPlugins {
  readonly #plugins: ReadonlyMap<PluginSection, SectionPlugin>
  readonly #take: () => void

  constructor(plugins: ReadonlyMap<PluginSection, SectionPlugin>, take: () => void) {
    this.#plugins = plugins
    this.#take = take
  }

  /** They are in use from now on. */
  take(): void {
    this.#take()
  }

  /**
   * Everybody in the order in which they are asked.
   *
   * @param own plugins of the user's
   * @param shared what makes one server of several processes
   */
  all(own: readonly (Plugin | PluginClass)[] = [], shared: readonly Plugin[] = []): readonly (Plugin | PluginClass)[] {
    return asked.flatMap(one => {
      if (one === 'plugins') return own
      if (one === 'workers') return shared
      return this.#plugins.get(one)?.plugin ?? []
    })
  }
}
