import { valueAt } from '../config/path.ts'
import { pluginSections, type ServeConfig } from '../sections/index.ts'

/** What a configuration asks for that works, but hardly as it is meant; and what to do about it. */
export function configWarnings(config: ServeConfig): readonly string[] {
  return pluginSections.flatMap(section => {
    const options = valueAt(config, section.path)
    return (options !== undefined && section.warning?.(options, config.workers)) || []
  })
}
