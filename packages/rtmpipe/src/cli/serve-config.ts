import { stat } from 'node:fs/promises'
import { type LoadedConfig, loadConfig } from '../config/load-config.ts'
import { ConfigError } from '../config/config-error.ts'
import type { ServeConfig } from '../config/config.ts'
import type { Problem } from '../config/problem.ts'
import { silentLogger } from '@rtmpipe/session'
import { CliError } from './cli-error.ts'
import { CommandLineLayer, type CommandLineOptions } from './command-line-layer.ts'
import { sectionProblems } from './plugin-sections.ts'
import { isOn, needsCertificate } from './serve-transports.ts'
import { certificateProblem } from './server-certificate.ts'

/**
 * The configuration of `rtmpipe serve` by its options, the environment and a file.
 *
 * @param before the file of the last time, without which there is none
 * @throws ConfigError with all that is wrong, CliError for what is wrong with the whole of it
 */
export async function loadServeConfig(options: CommandLineOptions = {}, before?: string): Promise<LoadedConfig> {
  const { config: file } = options
  const loaded = await loadConfig({
    file: typeof file === 'string' ? file : undefined,
    before,
    commandLine: others => new CommandLineLayer(options, others),
  })
  const problems = await sectionProblems(loaded.config, silentLogger)
  if (problems.length > 0) throw await loaded.error(problems)
  checkTransports(loaded.config)
  return loaded
}

/**
 * Looks at the files and folders that a configuration names.
 *
 * @throws ConfigError for those that can't be used
 */
export async function checkFiles({ config, layers }: LoadedConfig): Promise<void> {
  const problems: Problem[] = []
  const { vod, certificate } = config
  const folder = vod && (await stat(vod.dir).catch(() => undefined))
  if (vod && folder?.isDirectory() !== true)
    problems.push({ path: ['vod', 'dir'], text: 'there is no such folder', shown: vod.dir })
  const reason = needsCertificate(config) ? certificateProblem(config) : undefined
  if (reason !== undefined && certificate !== undefined)
    problems.push({ path: ['certificate'], text: `can't use ${certificate.cert} and ${certificate.key}: ${reason}` })
  const told = problems.map(async problem => layers.originOf(problem.path)?.tell(problem) ?? problem.text)
  if (problems.length > 0) throw new ConfigError(await Promise.all(told))
}

function checkTransports({ rtmp, rtmps, rtmpt, rtmpts, workers }: ServeConfig): void {
  if (![rtmp, rtmps, rtmpt, rtmpts].some(isOn)) throw new CliError('every transport is off: leave at least one on')
  if (workers > 1 && !isOn(rtmp) && !isOn(rtmps))
    throw new CliError(`--workers ${workers}: tunnels are served by one process, so leave --rtmp or --rtmps on`)
}
