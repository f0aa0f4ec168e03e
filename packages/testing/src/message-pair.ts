import { type MessageBatch, MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { Duplex } from 'readable-stream'
import type { MessageConnection } from '@rtmpipe/session'
import { settled } from './settled.ts'

type Done = (error?: Error | null) => void

/** Messages an end takes ahead of its reader. */
const highWaterMark = 16

const mediaTypes: ReadonlySet<number> = new Set([
  MessageType.Audio,
  MessageType.Video,
  MessageType.DataAmf0,
  MessageType.DataAmf3,
  MessageType.Aggregate,
])

/**
 * Two message connections, each the other's far end, with no bytes in between: a carrier without a chunk stream. What is
 * sent arrives in a later tick; what the far end does not read is counted as `queuedBytes`.
 */
export function messagePair(): [MessageConnection, MessageConnection] {
  const left = new MessageEnd()
  const right = new MessageEnd()
  left.join(right)
  right.join(left)
  return [left, right]
}

/** One end of a {@link messagePair}. */
export class MessageEnd extends Duplex implements MessageConnection {
  #far: MessageEnd | undefined
  /** Sent, but not taken by the far end yet. */
  #queue: RtmpMessage[] = []
  #queuedBytes = 0
  /** Waits until the queue is empty: the write under way, and the end. */
  #taken: Done | undefined
  #finish: Done | undefined
  #isFull = false
  /** Media that still comes through, here or there. */
  #mediaLeft = Infinity
  #broken: (() => void) | undefined
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

  /**
   * Breaks the connection, for the far end with ECONNRESET, once so many media messages have come through in either
   * direction and have been read. Resolves when it is closed.
   */
  breakAfter(count: number): Promise<void> {
    if (this.destroyed) return Promise.resolve()
    this.#mediaLeft = count
    const closed = new Promise<void>(resolve => this.once('close', resolve))
    if (count <= 0) this.#break()
    else this.#broken = () => void settled().then(() => this.#break())
    return closed
  }

  send(message: RtmpMessage): void {
    if (this.writable) this.#enqueue(message)
  }

  sendBatch(batch: MessageBatch, messageStreamId: number): void {
    for (const message of batch.messages) this.send({ ...message, messageStreamId })
  }

  override _write(message: RtmpMessage, _encoding: BufferEncoding, done: Done): void {
    this.#taken = done
    this.#enqueue(message)
  }

  override _final(done: Done): void {
    this.#finish = done
    process.nextTick(() => this.#hand())
  }

  override _read(): void {
    this.#isFull = false
    if (this.#far !== undefined) this.#far.#hand()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const far = this.#far
    process.nextTick(() => {
      if (far === undefined || far.destroyed) return
      if (far.readableEnded || this.writableFinished) far.end()
      else far.destroy()
      far.#hand()
    })
    this.#taken?.(error ?? new Error('the connection was closed while writing'))
    done(error)
  }

  #enqueue(message: RtmpMessage): void {
    this.#queue.push(message)
    this.#queuedBytes += message.payload.length
    this.bytesSent += message.payload.length
    process.nextTick(() => this.#hand())
  }

  #break(): void {
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' })
    this.#far?.destroy(reset)
    this.destroy()
  }

  /** True when nothing comes through any more. */
  get #isCut(): boolean {
    return this.#mediaLeft <= 0
  }

  #count({ messageTypeId }: RtmpMessage): void {
    if (!mediaTypes.has(messageTypeId) || this.#isCut) return
    this.#mediaLeft -= 1
    if (this.#isCut) this.#broken?.()
  }

  #hand(): void {
    const far = this.#far
    if (far === undefined || this.destroyed) return
    if (far.destroyed) this.#forget()
    while (this.#queue.length > 0 && !far.#isFull) {
      if (this.#isCut || far.#isCut) return
      const message = this.#queue.shift() as RtmpMessage
      this.#queuedBytes -= message.payload.length
      far.bytesReceived += message.payload.length
      far.#isFull = !far.push(message)
      this.#count(message)
      far.#count(message)
    }
    if (this.#queue.length === 0) this.#resume()
  }

  /** Nobody takes it any more. */
  #forget(): void {
    this.#queue = []
    this.#queuedBytes = 0
  }

  #resume(): void {
    const [taken, finish] = [this.#taken, this.#finish]
    this.#taken = this.#finish = undefined
    if (finish !== undefined && this.#far?.destroyed === false) this.#far.push(null)
    taken?.()
    finish?.()
  }
}
