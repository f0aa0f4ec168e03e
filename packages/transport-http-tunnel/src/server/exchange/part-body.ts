import type { Socket } from 'node:net'
import { Readable } from 'node:stream'

/** A body that comes in parts, each when the one before it has been read. */
export class PartBody extends Readable {
  readonly socket: Socket
  complete = false
  #onTaken: (() => void) | undefined

  constructor(socket: Socket) {
    super({ highWaterMark: 1 })
    this.socket = socket
  }

  /** @param onTaken called when somebody wants the next one, unless this is the last */
  give(part: Buffer, isLast: boolean, onTaken: () => void): void {
    this.complete = isLast
    this.#onTaken = onTaken
    if (part.length > 0) this.push(part)
    if (isLast) this.push(null)
  }

  override _read(): void {
    const onTaken = this.#onTaken
    this.#onTaken = undefined
    if (!this.complete) onTaken?.()
  }
}
