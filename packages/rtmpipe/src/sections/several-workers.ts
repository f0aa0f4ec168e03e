import type { SessionLimits } from '@rtmpipe/session'
import { valueAt } from '../config/path.ts'
import type { Problem } from '../config/problem.ts'
import { arrivalWithWorkers } from './arrival.ts'
import { certificateWithWorkers } from './certificate.ts'
import { clusterWithWorkers } from './cluster.ts'
import { hlsWithWorkers } from './hls.ts'
import { httpWithWorkers } from './http.ts'
import { viewsWithWorkers } from './http-view.ts'
import { ownPluginsWithWorkers } from './own-plugins.ts'
import { pluginSections, type ServeConfig } from './index.ts'
import type { SharedLimits } from './plugin-section.ts'
import { serverWithWorkers } from './server.ts'
import { sessionLimitsOfAll, sessionLimitsWithWorkers } from './session-limits.ts'

/** A row of the table in docs/config.md. */
export interface WorkersRow {
  /** Settings, or sections of them. */
  readonly settings: readonly string[]
  /** What several workers mean for them. */
  readonly means: string
}

/** What several workers mean for each section, in the order of the configuration. */
export const workersRows: readonly WorkersRow[] = [
  ...serverWithWorkers,
  ...arrivalWithWorkers,
  { settings: ['certificate'], means: certificateWithWorkers },
  ...httpWithWorkers,
  ...viewsWithWorkers,
  ...hlsWithWorkers,
  { settings: ['sessionLimits'], means: sessionLimitsWithWorkers },
  ...pluginSections.map(({ path, withWorkers }) => ({ settings: [path.join('.')], means: withWorkers })),
  { settings: ['cluster'], means: clusterWithWorkers },
  { settings: ['plugins'], means: ownPluginsWithWorkers },
]

/** What of a configuration can't be had with as many workers as it asks for. */
export function workersProblems(config: ServeConfig): readonly Problem[] {
  if (config.workers === 1) return []
  return pluginSections.flatMap(section => {
    const options = valueAt(config, section.path)
    return options === undefined ? [] : (section.refusedWithWorkers?.(options) ?? [])
  })
}

/** The limits of a configuration that all workers count together. */
export async function limitsOfAll(config: ServeConfig): Promise<SharedLimits> {
  const limits: Partial<SessionLimits> = config.sessionLimits ?? {}
  const ofSections = pluginSections.map(async section => {
    const options = valueAt(config, section.path)
    return options === undefined ? {} : ((await section.limitsOfAll?.(options)) ?? {})
  })
  const all: readonly Partial<SharedLimits>[] = [sessionLimitsOfAll(limits), ...(await Promise.all(ofSections))]
  return {
    connections: all.flatMap(({ connections = [] }) => connections),
    viewers: all.flatMap(({ viewers = [] }) => viewers),
  }
}
