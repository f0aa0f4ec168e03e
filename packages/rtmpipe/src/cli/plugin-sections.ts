import { isDeepStrictEqual } from 'node:util'
import type { Logger, Plugin } from '@rtmpipe/session'
import type { HttpCallback } from '@rtmpipe/plugins/auth'
import type { RecordedFile } from '@rtmpipe/plugins/record'
import type { ServeConfig } from '../config/config.ts'
import { type Path, valueAt } from '../config/path.ts'
import type { Problem } from '../config/problem.ts'
import { connect } from '../connect.ts'

/** What plugins are given beside their section. */
interface PluginContext {
  readonly log: Logger
  /** To be told of files that are complete. */
  onRecorded(file: RecordedFile): Promise<void>
}

/** A section of the configuration that is a plugin of ours. */
interface PluginSection {
  readonly path: Path
  make(config: ServeConfig, context: PluginContext): Promise<Plugin | undefined>
  /** Said of a section that the plugin refuses, where its own words could tell something secret. */
  readonly refusal?: Omit<Problem, 'shown'>
}

/** Gates in the order in which they are asked. */
export const gates: readonly PluginSection[] = [
  {
    path: ['auth', 'ipFilter'],
    make: async ({ auth: { ipFilter: options } = {} }) =>
      options && (await import('@rtmpipe/plugins/auth')).ipFilter(options),
  },
  {
    path: ['auth', 'authmod'],
    make: async ({ auth: { authmod: options } = {} }) =>
      options && (await import('@rtmpipe/plugins/auth')).authmod(options),
  },
  {
    path: ['auth', 'publishKeys'],
    make: async ({ auth: { publishKeys: options } = {} }) =>
      options && (await import('@rtmpipe/plugins/auth')).publishKeys(options),
  },
  {
    path: ['auth', 'signedUrls'],
    make: async ({ auth: { signedUrls: options } = {} }) =>
      options && (await import('@rtmpipe/plugins/auth')).signedUrls(options),
  },
  {
    path: ['auth', 'jwt'],
    make: async ({ auth: { jwt: options } = {} }, { log }) =>
      options && (await import('@rtmpipe/plugins/auth')).jwtAuth(options, log),
    refusal: {
      path: ['auth', 'jwt', 'key'],
      text: 'expected a secret, the PEM of a public key, or the URL of a key set',
    },
  },
  {
    path: ['auth', 'httpCallback'],
    make: async ({ auth: { httpCallback: options } = {} }, { log }) =>
      options && (await import('@rtmpipe/plugins/auth')).httpCallback(options, log),
    refusal: {
      path: ['auth', 'httpCallback'],
      text: 'expected URLs like http://host/path, and events and a method that the format knows',
    },
  },
]

/** Those that stand behind plugins that may rename streams. */
export const others: readonly PluginSection[] = [
  {
    path: ['quotas'],
    make: async ({ quotas: options }) => options && (await import('@rtmpipe/plugins/quotas')).quotas(options),
  },
  {
    path: ['publisherReturn'],
    make: async ({ publisherReturn: options }) =>
      options && (await import('@rtmpipe/plugins/publisher-return')).publisherReturn(options),
  },
]

/** Those that stand last: they send, keep and supply what the rest has agreed to. */
export const carriers: readonly PluginSection[] = [
  {
    path: ['relay', 'push'],
    make: async ({ relay: { push: options } = {} }, { log }) =>
      options && (await import('@rtmpipe/plugins/relay')).relayPush({ ...options, connect, log }),
    refusal: { path: ['relay', 'push', 'to'], text: "expected a URL like rtmp://host/app, without a stream's name" },
  },
  {
    path: ['record'],
    make: async ({ record: options }, { log, onRecorded }) =>
      options && (await import('@rtmpipe/plugins/record')).record({ ...options, log, onRecorded }),
  },
  {
    path: ['vod'],
    make: async ({ vod: options }, { log }) =>
      options && (await import('@rtmpipe/plugins/vod')).vod({ ...options, log }),
  },
  {
    path: ['relay', 'pull'],
    make: async ({ relay: { pull } = {} }, { log }) => {
      if (pull === undefined) return undefined
      const { relayPull } = await import('@rtmpipe/plugins/relay')
      return relayPull({ ...pull, connect, log, from: ({ app, streamName }) => pulledUrl(pull.from, app, streamName) })
    },
  },
]

const allSections = [...gates, ...others, ...carriers]

/** What the plugins have to say of their sections. Nothing is opened or connected to. */
export async function sectionProblems(config: ServeConfig, log: Logger): Promise<readonly Problem[]> {
  const found = await Promise.all(
    allSections.map(async ({ path, refusal, make }): Promise<readonly Problem[]> => {
      try {
        await make(config, { log, onRecorded: async () => {} })
        return []
      } catch (error) {
        return [refusal ?? { path, text: (error as Error).message }]
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

  constructor(log: Logger) {
    this.#context = { log, onRecorded: file => this.#recorded(file) }
  }

  /** Made anew where sections have changed. All stay as they were when one can't be made. */
  async update(config: ServeConfig): Promise<void> {
    const plugins = new Map<PluginSection, SectionPlugin>()
    for (const section of allSections) {
      const options = valueAt(config, section.path)
      const before = this.#plugins.get(section)
      const isSame = before !== undefined && isDeepStrictEqual(before.options, options)
      plugins.set(section, isSame ? before : { options, plugin: await section.make(config, this.#context) })
    }
    this.#plugins = plugins
  }

  of(sections: readonly PluginSection[]): readonly Plugin[] {
    return sections.flatMap(section => this.#plugins.get(section)?.plugin ?? [])
  }

  /** The callback of now, whichever there was when the recorder was made. */
  async #recorded(file: RecordedFile): Promise<void> {
    const callback = this.of(gates).find((plugin): plugin is HttpCallback => plugin.name === 'http-callback')
    await callback?.recorded(file)
  }
}

/** Nothing for names that would be more than a part of its path. */
export function pulledUrl(template: string, app: string, streamName: string): string | undefined {
  if (/[?#]/.test(app + streamName)) return undefined
  return template.replace(/\{(app|stream)\}/g, (_, name) => (name === 'app' ? app : streamName))
}
