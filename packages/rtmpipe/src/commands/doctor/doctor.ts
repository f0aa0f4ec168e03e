import type { GivenOptions } from '../../config/command-line-layer.ts'
import { ConfigError } from '../../config/config-error.ts'
import type { ServeConfig } from '../../sections/index.ts'
import { CliError } from '../../serve/cli-error.ts'
import { loadServeConfig } from '../../serve/load.ts'
import { callbackFindings } from './callbacks.ts'
import { certificateFindings } from './certificate.ts'
import { ClockWatch } from './clock.ts'
import { clusterFindings } from './cluster.ts'
import { fileLimitFindings } from './file-limit.ts'
import { type Finding, fine, problem } from './finding.ts'
import { folderFindings } from './folders.ts'
import { portFindings } from './ports.ts'
import { relayFindings } from './relays.ts'
import { findingsJson, findingsText } from './report.ts'
import { MissingPackageError } from '../../serve/missing-package-error.ts'
import { settingFindings } from './settings.ts'

/**
 * `rtmpipe doctor`: looks at everything that `rtmpipe serve` needs, with the same options, and says what is wrong and what
 * to do. Nothing is made or changed. Sets exit code 1 if there is a problem.
 *
 * @param options those of `rtmpipe serve`, and `json`
 */
export async function doctor({ json = false, ...options }: GivenOptions & { readonly json?: boolean }): Promise<void> {
  const clock = new ClockWatch()
  const { config, findings } = await configuration(options)
  const ofConfig = config && [
    settingFindings(config),
    portFindings(config),
    certificateFindings(config),
    folderFindings(config),
    relayFindings(config),
    callbackFindings(config),
    clusterFindings(config),
  ]
  const found = await Promise.all([...(ofConfig ?? []), fileLimitFindings(config?.sessionLimits?.maxConnections)])
  const all = [...findings, ...found.flat(), ...(await clock.findings())]
  process.stdout.write(json ? findingsJson(all) : findingsText(all))
  if (all.some(({ level }) => level === 'problem')) process.exitCode = 1
}

/** What `rtmpipe serve` would start with; what is wrong with it is found, and the rest is looked at all the same. */
async function configuration(
  options: GivenOptions,
): Promise<{ readonly config?: ServeConfig; readonly findings: readonly Finding[] }> {
  try {
    const { config, file } = await loadServeConfig(options)
    return { config, findings: [fine('configuration', file ?? 'no file: command line, environment and defaults')] }
  } catch (error) {
    if (error instanceof MissingPackageError) return { findings: [problem('cluster', error.what, error.advice)] }
    if (!(error instanceof ConfigError) && !(error instanceof CliError)) throw error
    const texts = error instanceof ConfigError ? error.problems : [error.message]
    const advice = 'correct it; rtmpipe config shows what is set and where, and docs/config.md all that there is'
    return { findings: texts.map(text => problem('configuration', text, advice)) }
  }
}
