import type { Logger } from '../../src/contract/logger.ts'

export interface LogLine {
  readonly level: string
  readonly message: string
  readonly [field: string]: unknown
}

/** A logger whose lines a test can look at. */
export class RecordingLog implements Logger {
  readonly lines: LogLine[]
  readonly #bindings: object

  constructor(lines: LogLine[] = [], bindings: object = {}) {
    this.lines = lines
    this.#bindings = bindings
  }

  debug(fields: object, message: string): void {
    this.#add('debug', fields, message)
  }

  info(fields: object, message: string): void {
    this.#add('info', fields, message)
  }

  warn(fields: object, message: string): void {
    this.#add('warn', fields, message)
  }

  error(fields: object, message: string): void {
    this.#add('error', fields, message)
  }

  child(fields: Record<string, unknown>): Logger {
    return new RecordingLog(this.lines, { ...this.#bindings, ...fields })
  }

  at(level: string): LogLine[] {
    return this.lines.filter(line => line.level === level)
  }

  #add(level: string, fields: object, message: string): void {
    this.lines.push({ ...this.#bindings, ...fields, level, message })
  }
}
