import type { LogMethods } from './log-methods.ts'

/** Milliseconds that the start of a publish waits for what is published; a publisher may begin later. */
const patience = 2_000

interface Held {
  readonly fields: object
  readonly timer: NodeJS.Timeout
}

/** Makes one line of the start of a publish and of its codecs, which are known a moment later. Other lines pass. */
export class StartLines implements LogMethods {
  readonly #log: LogMethods
  readonly #held = new Map<string, Held>()

  constructor(log: LogMethods) {
    this.#log = log
  }

  debug(fields: object, message: string): void {
    this.#log.debug(fields, message)
  }

  info(fields: object, message: string): void {
    if (message === 'publish started') return this.#hold(nameOf(fields), fields)
    if (message === 'publish media' && this.#release(nameOf(fields), fields)) return
    if (message === 'publish ended') this.#release(nameOf(fields))
    this.#log.info(fields, message)
  }

  warn(fields: object, message: string): void {
    this.#log.warn(fields, message)
  }

  error(fields: object, message: string): void {
    this.#log.error(fields, message)
  }

  #hold(name: string, fields: object): void {
    this.#release(name)
    const timer = setTimeout(() => this.#release(name), patience)
    this.#held.set(name, { fields, timer: timer.unref() })
  }

  /** @returns whether one was held */
  #release(name: string, more: object = {}): boolean {
    const held = this.#held.get(name)
    if (held === undefined) return false
    clearTimeout(held.timer)
    this.#held.delete(name)
    this.#log.info({ ...held.fields, ...more }, 'publish started')
    return true
  }
}

function nameOf(fields: object): string {
  const { connection, app, stream } = fields as Readonly<Record<string, unknown>>
  return JSON.stringify([connection, app, stream])
}
