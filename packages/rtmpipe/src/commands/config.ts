import { environmentText } from '../config/environment-text.ts'
import { fileSchema } from '../config/file-schema.ts'
import { leavesOf } from '../config/show.ts'
import { pathText } from '../config/path.ts'
import { schema } from '../sections/index.ts'
import { loadServeConfig } from '../serve/load.ts'

/** Options of `rtmpipe config`, as the command line gives them. */
export interface ConfigCommandOptions {
  readonly config?: string
  readonly check?: boolean
  readonly env?: boolean
  readonly schema?: boolean
}

/** `rtmpipe config`. @throws ConfigError or CliError for what is wrong with the configuration */
export async function config(options: ConfigCommandOptions): Promise<void> {
  if (options.schema) return print(JSON.stringify(fileSchema(schema), null, 2))
  if (options.env) return print(environmentText(schema))
  const {
    config: effective,
    layers,
    file = '',
  } = await loadServeConfig(options.config === undefined ? {} : { config: options.config })
  if (options.check) return
  const rows = leavesOf(schema, layers.settings).map(({ path, shown }) => ({
    setting: `${pathText(path)}: ${shown}`,
    origin: layers.originOf(path)?.placeOf(path) ?? '',
  }))
  effective.plugins?.forEach((plugin, index) =>
    rows.push({ setting: `plugins[${index}]: ${plugin.name}`, origin: file }),
  )
  const width = Math.max(...rows.map(({ setting }) => setting.length))
  print(rows.map(({ setting, origin }) => `${setting.padEnd(width)}  ${origin}`).join('\n'))
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
