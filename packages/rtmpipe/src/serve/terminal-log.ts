import { harmless } from '@rtmpipe/net'
import { lineText } from './line-text.ts'
import type { LogMethods } from './log-methods.ts'

/** SGR colours of the words for levels (ECMA-48 §8.3.117). */
const colours = { DEBUG: 34, INFO: 32, WARN: 33, ERROR: 31 } as const

/** Writes the log for people: a line for each event. */
export class TerminalLog implements LogMethods {
  readonly #write: (text: string) => void
  readonly #isColoured: boolean

  /** @param write what is given the lines */
  constructor(write: (text: string) => void, isColoured: boolean) {
    this.#write = write
    this.#isColoured = isColoured
  }

  debug(fields: object, message: string): void {
    this.#line('DEBUG', fields, message)
  }

  info(fields: object, message: string): void {
    this.#line('INFO', fields, message)
  }

  warn(fields: object, message: string): void {
    this.#line('WARN', fields, message)
  }

  error(fields: object, message: string): void {
    this.#line('ERROR', fields, message)
  }

  #line(level: keyof typeof colours, fields: object, message: string): void {
    const { err } = fields as { readonly err?: unknown }
    const word = this.#isColoured ? `\u001b[${colours[level]}m${level}\u001b[39m` : level
    const lines = [`[${timeOfDay(new Date())}] ${word}: ${lineText(fields, message)}`, ...stackOf(err)]
    this.#write(`${lines.join('\n')}\n`)
  }
}

/** Where a program is at fault, the place is what matters. */
function stackOf(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return []
  return (error.stack ?? error.message).split('\n').map(line => `    ${harmless(line.trimStart())}`)
}

function timeOfDay(now: Date): string {
  const two = (count: number) => String(count).padStart(2, '0')
  const milliseconds = String(now.getMilliseconds()).padStart(3, '0')
  return `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}.${milliseconds}`
}
