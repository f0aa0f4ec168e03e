import { answerTo, ServerHandshake } from '#handshakes'
import type { Duplex as ByteDuplex } from 'node:stream'
import { Duplex } from 'readable-stream'
import { AcknowledgedMessages } from './acknowledged-messages.ts'
import { Acknowledgements } from './acknowledgements.ts'
import { ChunkDemuxer } from './chunk-demuxer.ts'
import type { ChunkLimits } from './chunk-limits.ts'
import { LimitError, ProtocolError, UsageError } from './errors.ts'
import { ClientHandshake } from './handshake/client-handshake.ts'
import type { Handshake } from './handshake/handshake.ts'
import type { StreamCipher } from './handshake/stream-ciphers.ts'
import type { MessageBatch } from './message-batch.ts'
import { MessageType, type RtmpMessage } from './message.ts'
import { OutgoingMessages } from './outgoing-messages.ts'
import type { SparingBytes } from './sparing-bytes.ts'
import { Splice, type SpliceEvents } from './splice.ts'

const nothing = Buffer.alloc(0)

/** Options of {@link ChunkConnection}. */
export interface ChunkConnectionOptions {
  /** Which side of the handshake we are. */
  readonly role: 'server' | 'client'
  /**
   * Default: a server accepts the simple handshake, digest and RTMPE, as the client begins; a client uses the simple
   * one.
   */
  readonly handshake?: Handshake
  /** Limits that differ from the defaults; may be changed later by {@link ChunkConnection.limits}. */
  readonly limits?: Partial<ChunkLimits>
  /** Transforms of bytes for what follows the peer's handshake. */
  readonly afterHandshake?: readonly ByteDuplex[]
  /**
   * Transforms of received messages. They also get protocol control messages; one that they drop still changes the
   * framing, but has no other effect.
   */
  readonly afterDemux?: readonly ByteDuplex[]
  /** Milliseconds from construction to the end of the handshake, default 10,000. */
  readonly handshakeTimeout?: number
  /**
   * Audio and video come in memory that is used again: whoever reads a message has to give its payload back with
   * {@link releasePayload}, and not to read it afterwards. A payload that is never given back stays as it is. Default false.
   */
  readonly reusesPayloads?: boolean
  /**
   * For a byte stream that takes all that is written, whether the peer reads or not: bytes that may be on their way. What is
   * sent beyond them and not acknowledged by the peer counts in `queuedBytes`, and makes who writes wait. The peer has to
   * acknowledge in time: send it a Window Acknowledgement Size of a quarter of this. Default: what the byte stream has taken
   * counts no more.
   */
  readonly maxUnacknowledged?: number
}

type Done = (error?: Error | null) => void

/**
 * Lifts a byte stream to an object-mode Duplex of {@link RtmpMessage}s: handshake and chunk stream in both directions,
 * and the acknowledgements and windows of RTMP 1.0 §5.4 on its own.
 *
 * `'handshake'` is emitted, with the last {@link HandshakeStep}, when the handshake is done; messages that are sent
 * before wait for it. After one with RTMPE all bytes are encrypted in both directions. The peer's end is the end of the
 * readable side, even in the middle of a message. Either stream's destruction destroys the other.
 *
 * Errors: those of the byte stream, the {@link Handshake}, the stages and {@link ChunkDemuxer.push}, and LimitError
 * `RTMP_ERR_HANDSHAKE_TIMEOUT`.
 */
export class ChunkConnection extends Duplex {
  /** See {@link ChunkConnectionOptions.reusesPayloads}. */
  readonly reusesPayloads: boolean
  readonly #isServer: boolean
  readonly #bytes: ByteDuplex
  readonly #outgoing: OutgoingMessages
  readonly #demuxer: ChunkDemuxer
  readonly #acknowledgements: Acknowledgements
  /** Undefined without stages: most connections have none, and a stream takes some kilobytes. */
  readonly #afterHandshake: Splice<Buffer> | undefined
  readonly #afterDemux: Splice<RtmpMessage> | undefined
  readonly #demuxed = (message: RtmpMessage): void => {
    if (this.#afterDemux === undefined) this.#receive(message)
    else if (!this.#afterDemux.write(message)) this.#bytes.pause()
  }
  /** Until it is done. */
  #handshake: Handshake | undefined
  #handshakeTimer: NodeJS.Timeout | undefined
  #handshakeRoundTrip: number | undefined
  #swfVerificationKey: Buffer | undefined
  #incomingCipher: StreamCipher | undefined
  /** Until a peer sends media. */
  #mayBorrow = true
  /** True while our reader takes no more. */
  #paused = false
  /** Called when there is room again: goes on writing, or ends. */
  #writeMore: Done | undefined

  /** @param bytes in both directions, untouched so far; may be {@link SparingBytes}; belongs to the connection from here on */
  constructor(bytes: ByteDuplex, options: ChunkConnectionOptions) {
    super({ objectMode: true })
    this.#bytes = bytes
    const drained = () => this.#onDrain()
    const { maxUnacknowledged } = options
    this.#outgoing =
      maxUnacknowledged === undefined
        ? new OutgoingMessages(bytes, drained)
        : new AcknowledgedMessages(bytes, drained, maxUnacknowledged)
    this.#acknowledgements = new Acknowledgements(bytes, this.#outgoing)
    this.reusesPayloads = options.reusesPayloads === true
    this.#demuxer = new ChunkDemuxer(options.limits, undefined, this.reusesPayloads)
    const error = (reason: Error) => void this.destroy(reason)
    this.#afterHandshake = this.#splice(options.afterHandshake, {
      item: chunk => this.#demux(chunk),
      end: () => this.#demuxEnd(),
    })
    this.#afterDemux = this.#splice(options.afterDemux, {
      item: message => this.#receive(message),
      end: () => void this.push(null),
    })
    const timeout = options.handshakeTimeout ?? 10_000
    this.#handshakeTimer = setTimeout(() => {
      this.destroy(new LimitError('RTMP_ERR_HANDSHAKE_TIMEOUT', `handshake not done after ${timeout} ms`))
    }, timeout)
    this.#isServer = options.role === 'server'
    this.#handshake =
      options.handshake ?? (this.#isServer ? new ServerHandshake({ rtmpe: true }) : new ClientHandshake())
    this.#reply(this.#handshake.start())
    bytes.on('data', (received: Buffer) => this.#onBytes(received))
    bytes.on('end', () => this.#onBytesEnd())
    bytes.on('drain', drained)
    bytes.on('error', error)
    bytes.on('close', () => this.#onClose())
  }

  /** What the peer may make us hold; may be replaced, for example once it has been let in. */
  get limits(): ChunkLimits {
    return this.#demuxer.limits
  }

  /** The limits that count from now on. */
  set limits(limits: ChunkLimits) {
    this.#demuxer.limits = limits
  }

  /** Bytes of payload per chunk that we send; changed by sending a Set Chunk Size. */
  get outgoingChunkSize(): number {
    return this.#outgoing.chunkSize
  }

  /** Bytes received so far, handshake included. */
  get bytesReceived(): number {
    return this.#acknowledgements.received
  }

  /** Bytes sent so far, handshake included. */
  get bytesSent(): number {
    return this.#outgoing.sent
  }

  /**
   * Bytes sent that the peer has acknowledged, as far as can be told: peers count differently. Undefined until it has
   * acknowledged any; some never do.
   */
  get bytesAcknowledged(): number | undefined {
    return this.#acknowledgements.acknowledged
  }

  /**
   * Bytes accepted for sending which the operating system has not taken yet; with
   * {@link ChunkConnectionOptions.maxUnacknowledged} also those that the peer should have acknowledged.
   */
  get queuedBytes(): number {
    return this.#outgoing.queued
  }

  /**
   * True while a message of more than 128 KiB is on its way, chunk by chunk: audio that is sent meanwhile goes in
   * between.
   */
  get interleaves(): boolean {
    return this.#outgoing.interleaves
  }

  /**
   * Milliseconds that the peer took to answer in the handshake: a first estimate of the round trip; undefined before.
   */
  get handshakeRoundTrip(): number | undefined {
    return this.#handshakeRoundTrip
  }

  /** For clients, {@link HandshakeStep.swfVerificationKey} of a handshake that is done; undefined before. */
  get swfVerificationKey(): Buffer | undefined {
    return this.#swfVerificationKey
  }

  /**
   * Sends without waiting. All messages of one turn of the event loop go out as one write. Does nothing when the byte
   * stream has ended.
   *
   * @throws UsageError `RTMP_ERR_MESSAGE_TOO_LONG`, `RTMP_ERR_OUTGOING_CHUNK_SIZE`
   */
  send(message: RtmpMessage): void {
    this.#outgoing.send(message)
    this.#acknowledgements.sent(message)
  }

  /**
   * Sends bytes that are shared with every other connection of the same chunk size; in order with
   * {@link ChunkConnection.send}.
   */
  sendBatch(batch: MessageBatch, messageStreamId: number): void {
    this.#outgoing.sendBatch(batch, messageStreamId)
  }

  override _write(message: RtmpMessage, _encoding: string, done: Done): void {
    try {
      this.send(message)
    } catch (error) {
      return done(error as Error)
    }
    if (this.#outgoing.full) this.#writeMore = done
    else done()
  }

  override _final(done: Done): void {
    const end: Done = error => {
      if (error || !this.#bytes.writable) return done(error)
      this.#bytes.end(done)
    }
    if ((this.#outgoing.held || this.#outgoing.interleaves) && this.#bytes.writable) this.#writeMore = end
    else end()
  }

  override _read(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#afterDemux?.resume()
    this.#afterHandshake?.resume()
    this.#goOn()
  }

  #goOn(): void {
    this.#bytes.resume()
    this.#acknowledgements.acknowledgeLater()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#handshakeTimer)
    this.#acknowledgements.stop()
    this.#afterHandshake?.destroy()
    this.#afterDemux?.destroy()
    this.#outgoing.drop()
    this.#bytes.destroy(error ?? undefined)
    if (this.#writeMore !== undefined) this.#resumeWriting(error ?? closedWhileWriting())
    done(error)
  }

  #onBytes(received: Buffer): void {
    this.#acknowledgements.count(received.length)
    try {
      const following = this.#handshake === undefined ? received : this.#shakeHands(this.#handshake, received)
      if (following.length > 0) this.#shaken(this.#decrypt(following))
    } catch (error) {
      const answer = answerTo(error)
      if (answer !== undefined) this.#bytes.write(answer)
      return void this.destroy(error as Error)
    }
    this.#acknowledgements.acknowledge(received.length)
  }

  /** Bytes that are good for this call only. */
  #onLentBytes(received: Buffer): void {
    this.#acknowledgements.count(received.length)
    this.#demux(received, true)
    this.#acknowledgements.acknowledge(received.length)
  }

  /**
   * Who sends media sends much. Nothing but the demuxer gets the bytes then, and it copies what it keeps. In a turn of its own,
   * since the demuxer is busy now; what is read already has to come first.
   */
  #borrowSoon(): void {
    this.#mayBorrow = false
    const isPlain = this.#incomingCipher === undefined && this.#afterHandshake === undefined
    if (isPlain && (this.#bytes as SparingBytes).lend !== undefined) process.nextTick(() => this.#borrow())
  }

  #borrow(): void {
    if (this.#bytes.readableLength > 0) this.#mayBorrow = true
    else (this.#bytes as SparingBytes).lend?.(received => this.#onLentBytes(received))
  }

  /** @returns what follows the handshake */
  #shakeHands(handshake: Handshake, received: Buffer): Buffer {
    const step = handshake.push(received)
    this.#reply(step.reply)
    if (!step.done) return nothing
    this.#handshake = undefined
    clearTimeout(this.#handshakeTimer)
    this.#handshakeTimer = undefined
    this.#handshakeRoundTrip = step.roundTrip === undefined ? undefined : Math.round(step.roundTrip)
    // A server makes its check when the handshake is done, and the key would hold 1.5 KB of it.
    if (!this.#isServer) this.#swfVerificationKey = step.swfVerificationKey
    this.#incomingCipher = step.ciphers?.incoming
    this.#outgoing.open(step.ciphers?.outgoing)
    this.emit('handshake', step)
    if (!this.#outgoing.full) this.#onDrain()
    return step.rest
  }

  #shaken(bytes: Buffer): void {
    if (this.#afterHandshake === undefined) this.#demux(bytes)
    else if (!this.#afterHandshake.write(bytes)) this.#bytes.pause()
  }

  #decrypt(bytes: Buffer): Buffer {
    return this.#incomingCipher === undefined ? bytes : this.#incomingCipher.apply(bytes)
  }

  #reply(bytes: Buffer | undefined): void {
    if (bytes === undefined) return
    this.#outgoing.gather()
    this.#outgoing.writeAhead(bytes)
  }

  #demux(bytes: Buffer, isLent = false): void {
    try {
      this.#demuxer.push(bytes, this.#demuxed, isLent)
    } catch (error) {
      this.destroy(error as Error)
    }
  }

  /** The end of the incoming path: our readable side, with its backpressure. */
  #receive(message: RtmpMessage): void {
    this.#acknowledgements.obey(message)
    if (this.#mayBorrow && message.messageTypeId === MessageType.Video) this.#borrowSoon()
    // What push() would do, without its queue: the reader takes messages as they come, and none waits.
    if (this.readableFlowing === true && this.readableLength === 0) return void this.emit('data', message)
    if (this.push(message)) return
    this.#paused = true
    this.#bytes.pause()
    this.#afterHandshake?.pause()
    this.#afterDemux?.pause()
  }

  #onBytesEnd(): void {
    // A client that leaves during the handshake is nothing special; a server that does is probably not an RTMP server.
    if (this.#handshake !== undefined) this.destroy(this.#isServer ? undefined : handshakeTruncated())
    else if (this.#afterHandshake === undefined) this.#demuxEnd()
    else this.#afterHandshake.end()
  }

  #demuxEnd(): void {
    if (this.#afterDemux === undefined) this.push(null)
    else this.#afterDemux.end()
  }

  #splice<T>(stages: readonly ByteDuplex[] = [], events: Pick<SpliceEvents<T>, 'item' | 'end'>): Splice<T> | undefined {
    const [first, ...others] = stages
    if (first === undefined) return undefined
    return new Splice([first, ...others], {
      ...events,
      drain: () => void (this.#paused || this.#goOn()),
      error: error => void this.destroy(error),
    })
  }

  #onDrain(): void {
    if (this.#outgoing.full) return
    const drainsItself = this.writableNeedDrain
    this.#resumeWriting()
    if (!drainsItself) this.emit('drain')
  }

  #onClose(): void {
    // What was received before the end may still be waiting to be read.
    if (!this.#bytes.readableEnded) return void this.destroy()
    this.#resumeWriting()
    if (!this.writableEnded) this.end()
  }

  #resumeWriting(error?: Error): void {
    const writeMore = this.#writeMore
    this.#writeMore = undefined
    writeMore?.(error)
  }
}

function closedWhileWriting(): UsageError {
  return new UsageError('RTMP_ERR_CONNECTION_CLOSED', 'the connection was closed while writing')
}

function handshakeTruncated(): ProtocolError {
  return new ProtocolError('handshake', 'RTMP_ERR_HANDSHAKE_TRUNCATED', 'the peer left during the handshake')
}
