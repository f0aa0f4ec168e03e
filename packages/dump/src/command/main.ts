import { Command, CommanderError } from 'commander'
import { dump } from './dump.ts'
import { DumpError } from './dump-error.ts'
import { captureArgument, dumpFlags, dumpSummary } from './flags.ts'

/** Exit code for what the user can mend. */
const usageExitCode = 2

/** The `rtmpipe-dump` command. Sets the process's exit code; never throws. */
export async function main(args: readonly string[]): Promise<void> {
  const command = new Command('rtmpipe-dump')
    .description(dumpSummary)
    .argument(...captureArgument)
    .allowExcessArguments(false)
    .configureOutput({ outputError: () => {} })
    .exitOverride()
    .action(dump)
  for (const [flags, description] of dumpFlags) command.option(flags, description)
  try {
    await command.parseAsync(args, { from: 'user' })
  } catch (error) {
    process.exitCode = report(error)
  }
}

function report(error: unknown): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0
  const isUsage = error instanceof CommanderError || error instanceof DumpError
  const text = error instanceof Error ? error.message : String(error)
  const hint = error instanceof CommanderError ? ' (see rtmpipe-dump --help)' : ''
  process.stderr.write(`rtmpipe-dump: ${text.replace(/^error: */, '').replaceAll('\n', ' ')}${hint}\n`)
  return isUsage ? usageExitCode : 1
}
