import { pino } from 'pino'
import { harmless } from '@rtmpipe/net'
import type { Logger } from '@rtmpipe/session'
import type { LogLevel } from '../sections/server.ts'
import type { LogMethods } from './log-methods.ts'
import { StartLines } from './start-lines.ts'
import { TerminalLog } from './terminal-log.ts'

const rank: Readonly<Record<LogLevel, number>> = { debug: 20, info: 30, warn: 40, error: 50, silent: 60 }

/** What all loggers of a process have in common. */
interface Threshold {
  rank: number
}

/** A logger whose level may change, for all that were made of it too: pino's own keep the level they began with. */
export class ServerLog implements Logger {
  readonly #log: LogMethods
  readonly #threshold: Threshold

  /** On every line. Kept here: most children say two lines in their life, and one of pino's takes half a kilobyte. */
  readonly #fields: Readonly<Record<string, unknown>>

  constructor(log: LogMethods, threshold: Threshold, fields: Readonly<Record<string, unknown>> = {}) {
    this.#log = log
    this.#threshold = threshold
    this.#fields = fields
  }

  set level(level: LogLevel) {
    this.#threshold.rank = rank[level]
  }

  debug(fields: object, message: string): void {
    if (this.#threshold.rank <= rank.debug) this.#log.debug({ ...this.#fields, ...fields }, message)
  }

  info(fields: object, message: string): void {
    if (this.#threshold.rank <= rank.info) this.#log.info({ ...this.#fields, ...fields }, message)
  }

  warn(fields: object, message: string): void {
    if (this.#threshold.rank <= rank.warn) this.#log.warn({ ...this.#fields, ...fields }, message)
  }

  error(fields: object, message: string): void {
    if (this.#threshold.rank <= rank.error) this.#log.error({ ...this.#fields, ...fields }, message)
  }

  child(fields: Record<string, unknown>): ServerLog {
    return new ServerLog(this.#log, this.#threshold, { ...this.#fields, ...fields })
  }
}

/** A logger on stderr: readable on a terminal, JSON lines otherwise. */
export function createLog(
  level: LogLevel,
  output: Pick<NodeJS.WriteStream, 'isTTY' | 'write'> = process.stderr,
  environment: Readonly<NodeJS.ProcessEnv> = process.env,
): ServerLog {
  const write = (text: string) => void output.write(text)
  const log = output.isTTY
    ? new TerminalLog(write, isColoured(environment))
    : pino({ level: 'debug', base: null }, { write: line => write(`${harmless(line.trimEnd())}\n`) })
  return new ServerLog(new StartLines(log), { rank: rank[level] })
}

/** Colours can be switched off (no-color.org), and some terminals have none. */
function isColoured(environment: Readonly<NodeJS.ProcessEnv>): boolean {
  return !environment['NO_COLOR'] && environment['TERM'] !== 'dumb'
}
