import { CommandLineLayer, type GivenOptions } from '../config/command-line-layer.ts'
import { type LoadedConfig as Loaded, loadConfig } from '../config/load.ts'
import { pathText, valueAt } from '../config/path.ts'
import type { Problem } from '../config/problem.ts'
import { arrivalProblems } from '../sections/arrival.ts'
import { certificateProblem } from '../sections/certificate.ts'
import { hlsProblems } from '../sections/hls.ts'
import { form } from '../sections/form.ts'
import { pluginSections, type ServeConfig } from '../sections/index.ts'
import { viewProblems } from '../sections/http-view.ts'
import { clusterProblems } from '../sections/several-machines.ts'
import { workersProblems } from '../sections/several-workers.ts'
import {
  isOn,
  needsCertificate,
  onePortProblems,
  originsProblems,
  rtmfpProblems,
  webProblems,
} from '../sections/server.ts'
import { silentLogger } from '@rtmpipe/session'
import { CliError } from './cli-error.ts'
import { natsProblems } from './nats.ts'
import { serveOptions } from './options.ts'
import { sectionProblems } from './section-plugins.ts'

export type LoadedConfig = Loaded<ServeConfig>

/**
 * The configuration of `rtmpipe serve` by its options, the environment and a file.
 *
 * @param before the file of the last time, without which there is none
 * @throws ConfigError with all that is wrong, CliError for what is wrong with the whole of it
 */
export async function loadServeConfig(options: GivenOptions = {}, before?: string): Promise<LoadedConfig> {
  const { config: file } = options
  const loaded = await loadConfig<ServeConfig>(form, {
    file: typeof file === 'string' ? file : undefined,
    before,
    commandLine: others => new CommandLineLayer(form.schema, serveOptions, options, others),
  })
  const problems = [
    ...arrivalProblems(loaded.config),
    ...onePortProblems(loaded.config),
    ...originsProblems(loaded.config),
    ...rtmfpProblems(loaded.config),
    ...webProblems(loaded.config),
    ...hlsProblems(loaded.config),
    ...viewProblems(loaded.config),
    ...(await sectionProblems(loaded.config, silentLogger)),
    ...workersProblems(loaded.config),
    ...clusterProblems(loaded.config),
    ...(await natsProblems(loaded.config)),
  ]
  if (problems.length > 0) throw loaded.error(problems)
  checkTransports(loaded.config)
  return loaded
}

/**
 * A running server keeps its number of workers, whatever a configuration that was read again says.
 *
 * @throws CliError for what can't be had with so many
 */
export function checkWorkers(config: ServeConfig): void {
  const problems = workersProblems(config)
  const told = problems.map(({ path, text }) => `${pathText(path)}: ${text}`)
  if (told.length > 0) throw new CliError(told.join('; '))
}

/**
 * Looks at the files and folders that a configuration names.
 *
 * @throws ConfigError for those that can't be used
 */
export async function checkFiles(loaded: LoadedConfig): Promise<void> {
  const { config } = loaded
  const ofSections = pluginSections.map(async section => {
    const options = valueAt(config, section.path)
    return options === undefined ? [] : ((await section.problems?.(options)) ?? [])
  })
  const problems = (await Promise.all([...ofSections, certificateProblems(config)])).flat()
  if (problems.length > 0) throw loaded.error(problems)
}

async function certificateProblems(config: ServeConfig): Promise<readonly Problem[]> {
  const { certificate } = config
  if (certificate === undefined || !needsCertificate(config)) return []
  const reason = await certificateProblem(certificate)
  if (reason === undefined) return []
  const text = `can't use ${certificate.cert} and ${certificate.key}: ${reason}`
  return [{ path: ['certificate'], text, reason }]
}

function checkTransports({ rtmp, rtmps, rtmpt, rtmpts, rtmfp, port }: ServeConfig): void {
  if (![rtmp, rtmps, rtmpt, rtmpts, rtmfp, port].some(isOn))
    throw new CliError('every transport is off: leave at least one on')
}
