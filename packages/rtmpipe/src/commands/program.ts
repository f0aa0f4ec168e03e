import type { DumpCommandOptions } from '@rtmpipe/dump'
import { captureArgument, dumpFlags, dumpSummary } from '@rtmpipe/dump/flags'
import { Command } from 'commander'
import type { GivenOptions } from '../config/command-line-layer.ts'
import { serveOptions } from '../serve/options.ts'
import type { ConfigCommandOptions } from './config.ts'
import type { DrainCommandOptions } from './drain.ts'
import { fallbackOption } from './fallback-option.ts'
import type { KickCommandOptions } from './kick.ts'
import type { PlayCommandOptions } from './play.ts'
import type { PublishCommandOptions } from './publish.ts'
import type { SignCommandOptions } from './sign.ts'
import type { SystemdCommandOptions } from './systemd/systemd.ts'
import type { StatusCommandOptions } from './status.ts'

const configOption = [
  '--config <file>',
  'configuration file; without it rtmpipe.config.ts, .js, .mjs or .json, if there is one',
] as const

/** Of commands that ask a server which runs. */
const apiOptions = [
  ['--url <url>', 'where its HTTP port is; without it RTMPIPE_URL, or http://127.0.0.1:8080'],
  ['--token <token>', 'its admin token; without it RTMPIPE_ADMIN_TOKEN(_FILE), or what is in its data folder'],
  ['--data <folder>', 'its data folder; without it RTMPIPE_DATA, or .rtmpipe'],
] as const

const proxyOption = [
  '--proxy <url>',
  'proxy to go by: http://user:password@host:port, https://, socks5h://; without it HTTPS_PROXY, HTTP_PROXY or ALL_PROXY',
] as const

const signals = `Signals:
  SIGHUP           read the configuration again
  SIGUSR2          let in nobody new, and end when all who are there have left
  SIGTERM, SIGINT  end within five seconds; the second one ends at once`

/** The commands and their options. What one needs is loaded when it runs: help and wrong usage need not wait for it. */
export function program(version: string): Command {
  const root = new Command('rtmpipe')
    .description('RTMP server and client: RTMP, RTMPS, RTMPT, RTMPTS, RTMFP')
    .version(version)
    .configureOutput({ outputError: () => {} })
    .exitOverride()

  const serve = root
    .command('serve')
    .description('start a server; streams are relayed from publishers to players')
    .allowExcessArguments(false)
    .action(async (_options: unknown, command: Command) => {
      // Whoever asks for a reload this early is served by the start; it must not end it.
      process.off('SIGHUP', ignored).on('SIGHUP', ignored)
      await (await import('../serve/serve.ts')).serve(given(command))
    })
  addServeOptions(serve)
  serve.addHelpText('after', `\n${signals}`)
  root
    .command('config')
    .description('print the configuration that rtmpipe serve takes, and where each value comes from')
    .option(...configOption)
    .option('--check', 'print nothing, only say what is wrong')
    .option('--env', 'print the environment variables that set something')
    .option('--schema', 'print the JSON schema of the configuration file')
    .allowExcessArguments(false)
    .action(async (options: ConfigCommandOptions) => (await import('./config.ts')).config(options))

  const doctor = root
    .command('doctor')
    .description('look at all that rtmpipe serve needs with these options, and say what is wrong and what to do')
    .allowExcessArguments(false)
    .action(async (_options: unknown, command: Command) => {
      await (await import('./doctor/doctor.ts')).doctor(given(command))
    })
  addServeOptions(doctor)
  doctor.option('--json', 'print the findings as JSON')

  root
    .command('init')
    .description('write a configuration file with everything in it, and everything off')
    .option('--json', 'write rtmpipe.config.json instead of rtmpipe.config.ts')
    .allowExcessArguments(false)
    .action(async (options: { json?: boolean }) => (await import('./init.ts')).init(options))

  const status = root
    .command('status')
    .description('show what goes on in a server: its streams, their viewers, bit rates, lag and drops')
    .option('--watch', 'show it again every two seconds, until Ctrl+C')
    .option('--json', 'print JSON; with --watch one line each time')
    .allowExcessArguments(false)
    .action(async (options: StatusCommandOptions) => (await import('./status.ts')).status(options))
  const kick = root
    .command('kick')
    .description('end a stream, and its publisher unless it does more, or a connection or a player')
    .argument('<target>', 'APP/NAME of a stream, or the id of a connection or a player')
    .option('--code <code>', 'status code that the client is told')
    .option('--description <text>', 'the same in words; most clients show it')
    .allowExcessArguments(false)
    .action(async (target: string, options: KickCommandOptions) => (await import('./kick.ts')).kick(target, options))
  const drain = root
    .command('drain')
    .description('let in nobody new, and end the server when all have left')
    .option('--timeout <time>', 'disconnect those who are still there after so long: 90s, 15m, 1h')
    .allowExcessArguments(false)
    .action(async (options: DrainCommandOptions) => (await import('./drain.ts')).drain(options))
  for (const command of [status, kick, drain])
    for (const [flags, description] of apiOptions) command.option(flags, description)

  root
    .command('systemd')
    .description('print a unit for systemd, hardened, that runs rtmpipe serve')
    .argument('[options...]', 'options of rtmpipe serve, after --')
    .option('--sockets', 'print units too with which systemd opens the ports 80 (HTTP) and 443 (HTTPS)')
    .option('-o, --output <folder>', 'write a file for each unit into this folder instead')
    .action(async (words: string[], options: SystemdCommandOptions) => {
      await (await import('./systemd/systemd.ts')).systemd(words, options)
    })

  root
    .command('publish')
    .description('publish an FLV file')
    .argument('<file.flv>')
    .argument('<url>', 'rtmp[s]://host/app/name, rtmpt[s]://… or rtmfp://…')
    .option('--loop', 'begin again at the end')
    .option('--no-realtime', 'send as fast as the server takes it')
    .option(...fallbackOption)
    .option('--insecure', 'accept any certificate')
    .option(...proxyOption)
    .option('--no-proxy', 'go by no proxy, whatever the environment says')
    .allowExcessArguments(false)
    .action(async (file: string, url: string, options: PublishCommandOptions) => {
      await (await import('./publish.ts')).publish(file, url, options)
    })

  root
    .command('play')
    .description('play a stream, into an FLV file if one is given')
    .argument('<url>', 'rtmp[s]://host/app/name, rtmpt[s]://… or rtmfp://…')
    .option('-o, --output <file.flv>', 'file to write')
    .option('--duration <seconds>', 'stop after so many seconds of media')
    .option(...fallbackOption)
    .option('--insecure', 'accept any certificate')
    .option(...proxyOption)
    .option('--no-proxy', 'go by no proxy, whatever the environment says')
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
    .argument('<url>', 'rtmp[s]://host/app/name, rtmpt[s]://… or rtmfp://…')
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

function addServeOptions(command: Command): void {
  for (const { flags, description, default: initial, isList = false } of serveOptions)
    if (isList) command.option(flags, description, collect)
    // What is off without being said needs no words in the help.
    else command.option(flags, description, initial || undefined)
  command.option(...configOption)
}

const ignored = (): void => {}

/** Options that stand on the command line: what it has by default is the configuration's to say. */
function given(command: Command): GivenOptions {
  const options = Object.entries(command.opts<GivenOptions>())
  return Object.fromEntries(options.filter(([name]) => command.getOptionValueSource(name) === 'cli'))
}

/** The values of an option that may be given several times. */
function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}
