import type { WriteStream } from 'node:tty'

/** A terminal on which the same place is drawn again and again. */
export class Screen implements Disposable {
  readonly #terminal: WriteStream

  constructor(terminal: WriteStream) {
    this.#terminal = terminal
    // Clears it, and hides the cursor.
    terminal.write('\x1b[2J\x1b[?25l')
  }

  /** Draws these lines; those that have no room are left out, which the last line says. */
  draw(lines: readonly string[]): void {
    const room = (this.#terminal.rows || 24) - 1
    const shown =
      lines.length <= room ? lines : [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more lines`]
    // From the top; each line, and all below the last one, without what stood there before.
    this.#terminal.write(`\x1b[H${shown.map(line => `${line}\x1b[K\n`).join('')}\x1b[J`)
  }

  [Symbol.dispose](): void {
    this.#terminal.write('\x1b[?25h')
  }
}
