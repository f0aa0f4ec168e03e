import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import type { ConfigError } from '../config/config-error.ts'
import { CliError } from './cli-error.ts'
import type { CommandLineOptions } from './command-line-layer.ts'
import type { ConfigCommandOptions } from './config.ts'
import type { DumpCommandOptions } from '@rtmpipe/dump'
import { captureArgument, dumpFlags, dumpSummary } from '@rtmpipe/dump/flags'
import type { PlayCommandOptions } from './play.ts'
import type { PublishCommandOptions } from './publish.ts'
import type { SignCommandOptions } from './sign.ts'

/** Exit code for what the user can mend. */
const usageExitCode = 2

/** The `rtmpipe` command. Sets the process's exit code; never throws. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    await program().parseAsync(args, { from: 'user' })
  } catch (error) {
    process.exitCode = report(error)
  }
}

/** What a subcommand needs is loaded when it runs: help and wrong usage need not wait for it. */
function program(): Command {
  const root = new Command('rtmpipe')
    .description('RTMP server and client: RTMP, RTMPS, RTMPT, RTMPTS')
    .version(version())
    .configureOutput({ outputError: () => {} })
    .exitOverride()

  root
    .command('serve')
    .description('start a server; streams are relayed from publishers to players')
    .option('--host <address>', 'address to listen on; 0.0.0.0 or :: for all', '127.0.0.1')
    .option('--rtmp <port|off>', 'RTMP port; 0 takes a free one', '1935')
    .option('--rtmps <port|off>', 'RTMPS port', '1936')
    .option('--rtmpt <port|off>', 'RTMPT port (HTTP)', '8080')
    .option('--rtmpts <port|off>', 'RTMPTS port (HTTPS)', '8443')
    .option('--workers <n>', 'processes that share the work; any player sees any stream', '1')
    .option(
      '--merge-window <ms>',
      'hold live messages for up to so long to send them together; 0 is lowest latency',
      '20',
    )
    .option(
      '--publish-key <key>',
      'let only publishers in whose stream key is name?key=<key>; give it again for more keys',
      collect,
    )
    .option('--cert <file>', 'certificate, PEM; without it a self-signed one is made and kept in the data folder')
    .option('--key <file>', 'its private key, PEM')
    .option(
      '--push <url>',
      'publish every stream at <url>/NAME too, like rtmp://host/app; give it again for more',
      collect,
    )
    .option('--record <folder>', 'record every stream, as APP/STREAM-YYYYMMDD-HHMMSS in this folder')
    .option('--record-format <format>', 'flv, or mp4 (fragmented)', 'flv')
    .option('--vod <folder>', 'play the FLV and MP4 files of this folder, as vod/FILE')
    .option('--data <folder>', 'data folder', '.rtmpipe')
    .option('--log-level <level>', 'debug, info, warn, error or silent', 'info')
    .option('--config <file>', 'configuration file; without it rtmpipe.config.ts, .js, .mjs or .json, if there is one')
    .allowExcessArguments(false)
    .action(async (_options: unknown, command: Command) => {
      // Whoever asks for a reload this early is served by the start; it must not end it.
      process.off('SIGHUP', ignored).on('SIGHUP', ignored)
      await (await import('./serve.ts')).serve(given(command))
    })

  root
    .command('config')
    .description('print the configuration that rtmpipe serve takes, and where each value comes from')
    .option('--config <file>', 'configuration file; without it rtmpipe.config.ts, .js, .mjs or .json, if there is one')
    .option('--check', 'print nothing, only say what is wrong')
    .option('--env', 'print the environment variables that set something')
    .option('--schema', 'print the JSON schema of the configuration file')
    .allowExcessArguments(false)
    .action(async (options: ConfigCommandOptions) => (await import('./config.ts')).config(options))

  root
    .command('init')
    .description('write a configuration file with everything in it, and everything off')
    .option('--json', 'write rtmpipe.config.json instead of rtmpipe.config.ts')
    .allowExcessArguments(false)
    .action(async (options: { json?: boolean }) => (await import('./init.ts')).init(options))

  root
    .command('publish')
    .description('publish an FLV file')
    .argument('<file.flv>')
    .argument('<url>', 'rtmp[s]://host/app/name or rtmpt[s]://…')
    .option('--loop', 'begin again at the end')
    .option('--no-realtime', 'send as fast as the server takes it')
    .option('--insecure', 'accept any certificate')
    .allowExcessArguments(false)
    .action(async (file: string, url: string, options: PublishCommandOptions) => {
      await (await import('./publish.ts')).publish(file, url, options)
    })

  root
    .command('play')
    .description('play a stream, into an FLV file if one is given')
    .argument('<url>', 'rtmp[s]://host/app/name or rtmpt[s]://…')
    .option('-o, --output <file.flv>', 'file to write')
    .option('--duration <seconds>', 'stop after so many seconds of media')
    .option('--insecure', 'accept any certificate')
    .allowExcessArguments(false)
    .action(async (url: string, options: PlayCommandOptions) => (await import('./play.ts')).play(url, options))

  const dump = root
    .command('dump')
    .description(dumpSummary)
    .argument(...captureArgument)
    .allowExcessArguments(false)
    .action(async (capture: string, options: DumpCommandOptions) => (await import('./dump.ts')).dump(capture, options))
  for (const [flags, description] of dumpFlags) dump.option(flags, description)
  root
    .command('sign')
    .description('print the URL of a stream with a signature that expires, for servers with signedUrls()')
    .argument('<url>', 'rtmp[s]://host/app/name or rtmpt[s]://…')
    .requiredOption('--key <key>', 'secret of the server')
    .option('--key-id <id>', 'name of the key, if the server has several')
    .option('--expires <time>', 'how long it is good for: 90s, 15m, 1h, 7d', '1h')
    .option('--action <action>', 'publish or play', 'play')
    .option('--ip <address>', 'the only address it is good for')
    .allowExcessArguments(false)
    .action(async (url: string, options: SignCommandOptions) => (await import('./sign.ts')).sign(url, options))

  root
    .command('repair')
    .description('make recordings that were not ended, FLV or fragmented MP4, playable')
    .argument('<file...>')
    .allowExcessArguments(false)
    .action(async (files: string[]) => (await import('./repair.ts')).repairFiles(files))

  // Subcommands made by command() inherit exitOverride and output settings.
  return root
}

const ignored = (): void => {}

/** Options that stand on the command line: what it has by default is the configuration's to say. */
function given(command: Command): CommandLineOptions {
  const options = Object.entries(command.opts<CommandLineOptions>())
  return Object.fromEntries(options.filter(([name]) => command.getOptionValueSource(name) === 'cli'))
}

/** The values of an option that may be given several times. */
function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

function report(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0
    // Called without a command: the help has been printed.
    if (error.code === 'commander.help') return usageExitCode
    const hint = error.message.startsWith('error:') ? error.message.slice('error:'.length).trim() : error.message
    process.stderr.write(`rtmpipe: ${hint.replaceAll('\n', ' ')} (see rtmpipe --help)\n`)
    return usageExitCode
  }
  const { code, problems = [] } = error as Partial<ConfigError>
  if (code === 'RTMP_ERR_CONFIG') {
    for (const problem of problems) process.stderr.write(`${problemLine(problem)}\n`)
    return usageExitCode
  }
  process.stderr.write(`rtmpipe: ${error instanceof Error ? error.message : String(error)}\n`)
  const isUsage = error instanceof CliError || code === 'RTMP_ERR_URL'
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
