import type { Duplex } from 'node:stream'
import { ChunkMuxer } from './chunk-muxer.ts'
import type { MessageBatch } from './message-batch.ts'
import type { RtmpMessage } from './message.ts'
import { Outbox } from './outbox.ts'
import { OutgoingBytes } from './outgoing-bytes.ts'

/** Longer messages are sent chunk by chunk, so that audio need not wait until they are through. Bytes of payload. */
const maxUninterrupted = 128 * 1024
/** Bytes that are given to the byte stream before waiting for it, when messages are sent chunk by chunk. */
const interleaveWindow = 64 * 1024

const nothing = Buffer.alloc(0)

/** The outgoing direction of a chunk stream. */
export class OutgoingMessages extends OutgoingBytes {
  readonly #muxer = new ChunkMuxer()
  readonly #onThrough: () => void
  /** While a long message is on its way. */
  #outbox: Outbox | undefined

  /** @param onThrough called when a long message and those that waited behind it have been written */
  constructor(stream: Duplex, onThrough: () => void) {
    super(stream)
    this.#onThrough = onThrough
  }

  /** Bytes of payload per chunk. */
  get chunkSize(): number {
    return this.#muxer.outgoingChunkSize
  }

  /** True while a long message is on its way chunk by chunk: what is sent meanwhile may go in between. */
  get interleaves(): boolean {
    return this.#outbox !== undefined
  }

  /** Bytes the operating system has not taken yet. */
  get queued(): number {
    return this.#outbox === undefined ? this.unsent : this.unsent + this.#outbox.bytes
  }

  override get full(): boolean {
    return this.#outbox !== undefined || super.full
  }

  /** The peer has acknowledged so many of the bytes sent. What the byte stream has taken is off our hands, so nothing follows. */
  acknowledged(_total: number): void {}

  /** @throws UsageError see {@link ChunkMuxer.encode} */
  send(message: RtmpMessage): void {
    if (this.#outbox !== undefined || message.payload.length > maxUninterrupted) {
      if (!this.held) return this.#sendInterleaved(message)
    }
    const bytes = this.#muxer.encode(message)
    this.gather()
    this.write(bytes)
  }

  sendBatch(batch: MessageBatch, messageStreamId: number): void {
    if (this.#outbox !== undefined || batch.maxMessageLength > maxUninterrupted) {
      for (const message of batch.messages) this.send({ ...message, messageStreamId })
      return
    }
    this.write(batch.lend(this.#muxer.outgoingChunkSize, messageStreamId))
    if (!this.isRead) batch.keep()
    this.#muxer.forget()
  }

  /** Drops the unwritten part of a long message, and messages that wait behind it. */
  drop(): void {
    this.#outbox = undefined
  }

  /** Calls back when there is room for more than was written so far. */
  protected whenTaken(next: () => void): void {
    this.write(nothing, next)
  }

  #sendInterleaved(message: RtmpMessage): void {
    // Checked now, not when its turn comes.
    this.#muxer.check(message)
    const isFirst = this.#outbox === undefined
    this.#outbox ??= new Outbox(this.#muxer)
    this.#outbox.push(message)
    if (isFirst) this.#writeChunks(this.#outbox)
  }

  /** Sends a window of chunks, and the next window when the byte stream has taken the first. */
  #writeChunks(outbox: Outbox): void {
    if (this.#outbox !== outbox) return
    if (outbox.isEmpty || !this.writable) {
      this.#outbox = undefined
      return this.#onThrough()
    }
    this.gather()
    const until = this.sent + interleaveWindow
    while (!outbox.isEmpty && this.sent < until) {
      for (const bytes of outbox.next()) this.write(bytes)
    }
    this.whenTaken(() => this.#writeChunks(outbox))
  }
}
