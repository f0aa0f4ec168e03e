import { readFileSync } from 'node:fs'
import type { CommanderError } from 'commander'
import type { ConfigError } from '../config/config-error.ts'
import { CliError } from '../serve/cli-error.ts'

/** Exit code for what the user can mend. */
const usageExitCode = 2
/** Errors of what stands on the command line. */
const usageCodes: ReadonlySet<string> = new Set([
  'RTMP_ERR_URL',
  'RTMP_ERR_FALLBACK_LIST',
  'RTMP_ERR_PROXY_URL',
  'RTMP_ERR_PROXY_UDP',
])

/** The `rtmpipe` command. Sets the process's exit code; never throws. */
export async function main(args: readonly string[]): Promise<void> {
  // Scripts ask for it, and wait for it: nothing is loaded for the answer.
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
    process.stdout.write(`${version()}\n`)
    return
  }
  try {
    const [{ program }, { withFallbackValues }] = await Promise.all([
      import('./program.ts'),
      import('./fallback-option.ts'),
    ])
    await program(version()).parseAsync(withFallbackValues(args), { from: 'user' })
  } catch (error) {
    process.exitCode = report(error)
  }
}

function report(error: unknown): number {
  const {
    problems = [],
    exitCode,
    ...rest
  } = error as { code?: unknown } & Partial<Pick<ConfigError, 'problems'> & Pick<CommanderError, 'exitCode'>>
  const code = String(rest.code)
  if (code.startsWith('commander.')) {
    if (exitCode === 0) return 0
    // Called without a command: the help has been printed.
    if (code === 'commander.help') return usageExitCode
    const hint = (error as Error).message.replace(/^error:/, '').trim()
    process.stderr.write(`rtmpipe: ${hint.replaceAll('\n', ' ')} (see rtmpipe --help)\n`)
    return usageExitCode
  }
  if (code === 'RTMP_ERR_CONFIG') {
    for (const problem of problems) process.stderr.write(`${problemLine(problem)}\n`)
    return usageExitCode
  }
  process.stderr.write(`rtmpipe: ${error instanceof Error ? error.message : String(error)}\n`)
  const isUsage = error instanceof CliError || usageCodes.has(code)
  return isUsage ? usageExitCode : 1
}

/** A line that begins with a place in a file stays as it is, for programs that follow such lines. */
function problemLine(problem: string): string {
  return /^\S.*?:\d+:\d+: /.test(problem) ? problem : `rtmpipe: ${problem}`
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return manifest.version
}
