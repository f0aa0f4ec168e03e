import { checkSettings } from './check-settings.ts'
import { ConfigError } from './config-error.ts'
import { type ConfigFile, findConfigFile, readConfigFile } from './config-file.ts'
import { EnvironmentLayer, fileVariable } from './environment-layer.ts'
import type { ConfigForm } from './form.ts'
import { DefaultLayer, type Layer } from './layer.ts'
import { Layers } from './layers.ts'
import type { Settings } from './path.ts'
import type { Problem } from './problem.ts'
import type { SchemaNode } from './schema-node.ts'

export interface ConfigSources {
  /** The configuration file; default what `RTMPIPE_CONFIG` names, or the one of the folder, if there is one. */
  readonly file?: string | undefined
  /** Where to look for it; default the working directory. */
  readonly folder?: string
  /** The file of the last time: to go on without any would open what it has closed. */
  readonly before?: string | undefined
  /** Default that of the process. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** What the command line says; it is told what the others say. */
  readonly commandLine?: ((others: Settings) => Layer) | undefined
}

/** A configuration, and where each of its values comes from. */
export class LoadedConfig<Config> {
  readonly config: Config
  readonly file: string | undefined
  readonly layers: Layers

  constructor(config: Config, layers: Layers, file: string | undefined) {
    this.config = config
    this.layers = layers
    this.file = file
  }

  /** An error that tells of problems where they come from. */
  error(problems: readonly Problem[]): ConfigError {
    return new ConfigError(told(this.layers, problems))
  }
}

/**
 * Puts a configuration together from the command line, the environment, a file and the defaults, each of which has the
 * first say before the next. `Config` is what the form describes.
 *
 * @throws ConfigError with all that is wrong
 */
export async function loadConfig<Config>(form: ConfigForm, sources: ConfigSources = {}): Promise<LoadedConfig<Config>> {
  const { environment = process.env, folder = '.', before, commandLine } = sources
  const variables = new EnvironmentLayer(form, environment)
  const file = sources.file ?? environment[fileVariable] ?? findConfigFile(folder)
  if (file === undefined && before !== undefined)
    throw new ConfigError([`${before} is gone: to do without a configuration file, start again`])
  const read = file === undefined ? undefined : await readAsWell(file, form, variables.problems)
  const others = [variables, ...(read ? [read.layer] : [])]
  const defaults = defaultsOf(form.schema)
  const first = commandLine?.(new Layers([...others, new DefaultLayer(defaults)]).settings)
  const given = first === undefined ? others : [first, ...others]
  const following = form.defaultsFor?.(new Layers(given).settings)
  const all = [...given, new DefaultLayer({ ...defaults, ...following })]
  const layers = new Layers(all)
  const wrong = checkSettings(form.schema, layers.settings)
  const problems = [...all.flatMap(layer => layer.problems), ...told(layers, wrong)]
  if (problems.length > 0) throw new ConfigError(problems)
  // The schema and the types say the same.
  return new LoadedConfig({ ...layers.settings, ...read?.code } as Config, layers, file)
}

/** A file that can't be read is not all that is to be told. */
async function readAsWell(file: string, form: ConfigForm, problems: readonly string[]): Promise<ConfigFile> {
  try {
    return await readConfigFile(file, form)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new ConfigError([...problems, ...error.problems], { cause: error })
  }
}

function told(layers: Layers, problems: readonly Problem[]): readonly string[] {
  return problems.map(problem => layers.originOf(problem.path)?.tell(problem) ?? problem.text)
}

function defaultsOf({ properties = {} }: SchemaNode): Settings {
  const entries = Object.entries(properties).filter(([, node]) => node.default !== undefined)
  return Object.fromEntries(entries.map(([name, node]) => [name, node.default]))
}
