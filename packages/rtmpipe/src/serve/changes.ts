import { isDeepStrictEqual } from 'node:util'
import { fixed, pluginSections, type ServeConfig } from '../sections/index.ts'

/** Those that hold several plugins. */
const groups: ReadonlySet<unknown> = new Set(
  pluginSections.filter(({ path }) => path.length > 1).map(({ path: [name] }) => name),
)

/** What is different in a configuration that was read again. */
export interface ConfigChanges {
  /** What is to be in force from now on. */
  readonly config: ServeConfig
  /** Names of what changed in it. */
  readonly changed: readonly string[]
  /** Names of what changed and takes effect after a restart. */
  readonly afterRestart: readonly string[]
}

export function configChanges(before: ServeConfig, after: ServeConfig): ConfigChanges {
  const names = changedNames(before, after)
  const isFixed = (name: string) => fixed.some(other => other === name)
  // What is fixed and was not there must not be there now.
  const {
    sessionLimits: _limits,
    metrics: _metrics,
    statsCompat: _statsCompat,
    hls: _hls,
    httpFlv: _httpFlv,
    protocols: _protocols,
    rtmfpPublic: _rtmfpPublic,
    rtmfpKeylog: _rtmfpKeylog,
    cluster: _cluster,
    ...rest
  } = after
  const kept = Object.fromEntries(fixed.flatMap(name => (name in before ? [[name, before[name]]] : [])))
  return {
    config: { ...rest, ...kept },
    changed: names.filter(name => !isFixed(name)),
    afterRestart: names.filter(isFixed),
  }
}

function changedNames(before: object, after: object, within = ''): readonly string[] {
  const [one, other] = [new Map(Object.entries(before)), new Map(Object.entries(after))]
  return [...new Set([...one.keys(), ...other.keys()])].flatMap(name => {
    const [was, is] = [one.get(name), other.get(name)]
    // Code that was loaded anew is new, whatever it looks like.
    const isSame = name === 'plugins' ? was === is : isDeepStrictEqual(was, is)
    if (isSame) return []
    return groups.has(name) ? changedNames(was ?? {}, is ?? {}, `${name}.`) : [`${within}${name}`]
  })
}
