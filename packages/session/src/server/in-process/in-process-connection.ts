import type { MessageBatch, RtmpMessage } from '@rtmpipe/chunk-stream'
import { Duplex } from 'readable-stream'
import type { MessageConnection } from '../../contract/message-connection.ts'

type Done = (error?: Error | null) => void

/** Messages taken ahead of the server's reading. */
const highWaterMark = 16

/** Where the messages of a server go. */
export interface FarEnd {
  /** Bytes that wait for its reader. They get more only while it takes something. */
  readonly queuedBytes: number
  /** Bytes that it has sent, where it counts them itself. Default: payload bytes that it was given. */
  readonly bytesSent?: number | undefined
  /** What takes batches as they are. Default: it takes the messages. */
  readonly batches?: BatchTaker | undefined
  take(message: RtmpMessage): void
}

/** Takes media as it goes out to many. */
export interface BatchTaker {
  /** @returns true if nothing is queued, when it knows that */
  batch(batch: MessageBatch): boolean | undefined
}

/**
 * The connection of a client in this process, from the server's side. Messages pass as they are: without bytes, and
 * without a copy for each player.
 */
export class InProcessConnection extends Duplex implements MessageConnection {
  readonly #far: FarEnd
  /** Of the far end: what each batch passes on its way to each viewer costs. */
  readonly #batches: BatchTaker | undefined
  /** The server's write, which waits until the far end has taken everything. */
  #taken: Done | undefined
  /** The far end's write, which waits until the server reads on. */
  #read: Done | undefined
  #hasLeft = false
  /** Read for each batch and viewer, where `writable` is several calls. */
  #isOver = false
  #bytesGiven = 0
  /** False while the far end has nothing left: it need not be asked, which would cost each of many viewers at each batch. */
  #mayBeQueued = false
  bytesReceived = 0

  constructor(far: FarEnd) {
    super({ objectMode: true, highWaterMark })
    this.#far = far
    this.#batches = far.batches
  }

  get bytesSent(): number {
    return this.#far.bytesSent ?? this.#bytesGiven
  }

  get queuedBytes(): number {
    return this.#mayBeQueued ? this.#far.queuedBytes : 0
  }

  send(message: RtmpMessage): void {
    if (!this.writable) return
    this.#bytesGiven += message.payload.length
    this.#far.take(message)
    this.#mayBeQueued = this.#far.queuedBytes > 0
  }

  /** The messages keep the stream id they came with: there is one NetStream, and nobody else to tell apart. */
  sendBatch(batch: MessageBatch): void {
    if (this.#isOver) return
    this.#bytesGiven += batch.byteLength
    if (this.#batches === undefined) for (const message of batch.messages) this.#far.take(message)
    // To ask it costs each of many viewers several calls.
    else if (this.#batches.batch(batch) === true) {
      this.#mayBeQueued = false
      return
    }
    this.#mayBeQueued = this.#far.queuedBytes > 0
  }

  /** Sends a message to the server. @param done called when it reads on, or with why it never will */
  give(message: RtmpMessage, done: Done = () => {}): void {
    if (this.destroyed || this.#hasLeft) return done(new Error('the connection is closed'))
    this.bytesReceived += message.payload.length
    if (this.push(message)) return done()
    // An answer to a ping may come while a message of the publisher waits.
    const before = this.#read
    this.#read = error => {
      before?.(error)
      done(error)
    }
  }

  /** Sends no more: the server ends the connection after what it has been given. */
  leave(): void {
    if (this.#hasLeft || this.destroyed) return
    this.#hasLeft = true
    this.push(null)
  }

  /** The far end has taken everything. */
  taken(): void {
    const taken = this.#taken
    this.#taken = undefined
    taken?.()
  }

  override _write(message: RtmpMessage, _encoding: BufferEncoding, done: Done): void {
    this.#bytesGiven += message.payload.length
    this.#far.take(message)
    this.#mayBeQueued = this.#far.queuedBytes > 0
    if (this.#mayBeQueued) this.#taken = done
    else done()
  }

  /** The server has ended it: there is nothing to wait for. */
  override _final(done: Done): void {
    this.#isOver = true
    this.leave()
    done()
  }

  override _read(): void {
    const read = this.#read
    this.#read = undefined
    read?.()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#isOver = true
    this.#taken?.(error ?? new Error('the connection was closed while writing'))
    this.#read?.(error ?? new Error('the connection was closed while writing'))
    this.#taken = this.#read = undefined
    done(error)
  }
}
