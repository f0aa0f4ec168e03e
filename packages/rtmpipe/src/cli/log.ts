import { type Level, pino } from 'pino'
import pretty, { type PrettyStream } from 'pino-pretty'
import type { Logger } from '@rtmpipe/session'
import { CliError } from './cli-error.ts'

const levels: readonly string[] = ['debug', 'info', 'warn', 'error', 'silent']

/** A logger on stderr: readable on a terminal, JSON lines otherwise. @throws CliError for an unknown level */
export function createLog(level: string): Logger {
  if (!levels.includes(level)) throw new CliError(`--log-level ${level}: expected one of ${levels.join(', ')}`)
  return pino({ level: level as Level, base: null }, process.stderr.isTTY ? readable() : stderr)
}

const stderr = { write: (line: string) => process.stderr.write(line) }

function readable(): PrettyStream {
  return pretty({
    colorize: true,
    ignore: 'pid,hostname',
    translateTime: 'SYS:HH:MM:ss.l',
    destination: 2,
    sync: true,
  })
}
