import type { MessageBatch, RtmpMessage } from '@rtmpipe/chunk-stream'
import { Duplex } from 'readable-stream'
import type { MessageConnection } from '../message-connection.ts'

type Done = (error?: Error | null) => void

/** Messages an end takes ahead of its reader. */
const highWaterMark = 16

/** Two message connections, each the other's far end, with no bytes in between: a carrier without a chunk stream. */
export function messagePair(): [MessageConnection, MessageConnection] {
  const left = new MessageEnd()
  const right = new MessageEnd()
  left.join(right)
  right.join(left)
  return [left, right]
}

class MessageEnd extends Duplex implements MessageConnection {
  #far: MessageEnd | undefined
  /** Sent, but not taken by the far end yet. */
  readonly #queue: RtmpMessage[] = []
  #queuedBytes = 0
  #finish: Done | undefined
  #full = false
  bytesReceived = 0
  bytesSent = 0

  constructor() {
    super({ objectMode: true, highWaterMark })
  }

  get queuedBytes(): number {
    return this.#queuedBytes
  }

  join(far: MessageEnd): void {
    this.#far = far
  }

  send(message: RtmpMessage): void {
    this.#queue.push(message)
    this.#queuedBytes += message.payload.length
    this.bytesSent += message.payload.length
    process.nextTick(() => this.#hand())
  }

  sendBatch(batch: MessageBatch, messageStreamId: number): void {
    for (const message of batch.messages) this.send({ ...message, messageStreamId })
  }

  override _write(message: RtmpMessage, _encoding: BufferEncoding, done: Done): void {
    this.send(message)
    done()
  }

  override _final(done: Done): void {
    this.#finish = done
    process.nextTick(() => this.#hand())
  }

  override _read(): void {
    this.#full = false
    if (this.#far !== undefined) this.#far.#hand()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const far = this.#far
    process.nextTick(() => {
      if (far === undefined || far.destroyed) return
      if (far.readableEnded || this.writableFinished) far.end()
      else far.destroy()
    })
    done(error)
  }

  #hand(): void {
    const far = this.#far
    if (far === undefined || far.destroyed || this.destroyed) return
    while (this.#queue.length > 0 && !far.#full) {
      const message = this.#queue.shift() as RtmpMessage
      this.#queuedBytes -= message.payload.length
      far.bytesReceived += message.payload.length
      far.#full = !far.push(message)
    }
    if (this.#queue.length > 0) return
    if (this.bytesSent > 0) this.emit('drain')
    const finish = this.#finish
    this.#finish = undefined
    if (finish === undefined) return
    far.push(null)
    finish()
  }
}
