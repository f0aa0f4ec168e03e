import { valueAt } from '../config/path.ts'
import type { Problem } from '../config/problem.ts'
import { pluginSections, type ServeConfig } from './index.ts'

/** What of a configuration can't be had with other machines. */
export function clusterProblems(config: ServeConfig): readonly Problem[] {
  if (config.cluster === undefined) return []
  return pluginSections.flatMap(section => {
    const options = valueAt(config, section.path)
    return options === undefined ? [] : (section.refusedInCluster?.(options) ?? [])
  })
}
