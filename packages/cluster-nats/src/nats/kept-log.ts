import type { Logger } from '@rtmpipe/session'

type Level = 'debug' | 'info' | 'warn' | 'error'
type Line = readonly [level: Level, fields: object, message: string]

const maxKept = 100

/** Keeps its lines until it is told where they go: a fabric connects before the server that logs is there. */
export class KeptLog implements Logger {
  readonly #shared: { log: Logger | undefined; readonly kept: Line[] }
  readonly #fields: object

  constructor(
    shared: { log: Logger | undefined; readonly kept: Line[] } = { log: undefined, kept: [] },
    fields: object = {},
  ) {
    this.#shared = shared
    this.#fields = fields
  }

  /** Gives it all lines, those of before first. Only the first call counts. */
  to(log: Logger): void {
    if (this.#shared.log !== undefined) return
    this.#shared.log = log
    for (const [level, fields, message] of this.#shared.kept.splice(0)) log[level](fields, message)
  }

  debug(fields: object, message: string): void {
    this.#say('debug', fields, message)
  }

  info(fields: object, message: string): void {
    this.#say('info', fields, message)
  }

  warn(fields: object, message: string): void {
    this.#say('warn', fields, message)
  }

  error(fields: object, message: string): void {
    this.#say('error', fields, message)
  }

  child(fields: Record<string, unknown>): Logger {
    return new KeptLog(this.#shared, { ...this.#fields, ...fields })
  }

  #say(level: Level, fields: object, message: string): void {
    const { log, kept } = this.#shared
    const all = { ...this.#fields, ...fields }
    if (log !== undefined) log[level](all, message)
    else if (kept.length < maxKept) kept.push([level, all, message])
  }
}
