import {
  LimitError,
  type MessageBatch,
  MessageType,
  parseUserControl,
  type RtmpErrorCode,
  type RtmpMessage,
  splitAggregate,
  UsageError,
  userControl,
} from '@rtmpipe/chunk-stream'
import { isCodedAudio, isCodedVideo, isKeyframe } from '@rtmpipe/flv'
import { Duplex } from 'readable-stream'
import type { ReceiveFlow } from '../contract/flow.ts'
import type { OpenSession, SessionEnd } from '../contract/session.ts'
import { deletedStream, isUnpublish } from './ending-commands.ts'
import { readFlowMessage } from './flow-message.ts'
import { FlowSync } from './flow-sync.ts'
import { IncomingFlow } from './incoming-flow.ts'
import { readFlowMetadata } from './metadata.ts'
import { OutgoingFlows } from './outgoing-flows.ts'
import { StreamEndings } from './stream-endings.ts'

type Done = (error?: Error | null) => void

/** Milliseconds between signs of life, outside of which a server's wish does not count (RFC 7425 §5.2.2). */
const LEAST_KEEP_ALIVE = 5_000
const MOST_KEEP_ALIVE = 60_000
/** Bytes on their way, in all flows, up to which there is room for who has asked. */
const ROOM = 128 * 1024
/** Milliseconds of media for which a keyframe is waited for after a gap. */
const LONGEST_GAP = 10_000
/** Milliseconds that other flows have after the far end has ended its control flow. */
const LAST_WORDS = 2_000

/** They concern the chunk stream, which there is none of. */
const chunkStreamTypes: ReadonlySet<number> = new Set([
  MessageType.SetChunkSize,
  MessageType.Abort,
  MessageType.Acknowledgement,
  MessageType.WindowAcknowledgementSize,
  MessageType.SetPeerBandwidth,
])

/**
 * A `MessageConnection`: RTMP messages over the flows of one session (RFC 7425 §5), in the role that the session has. What is sent by
 * {@link FlowMessageConnection.send} and {@link FlowMessageConnection.sendBatch} is live: audio and pictures that are late are
 * given up. What is written is never given up, and the writer waits.
 *
 * Messages of the chunk stream, and pings, are not sent, and ignored where they come: the session has its own.
 *
 * Errors, all of them LimitError: `RTMP_ERR_PING_TIMEOUT` when the far end is gone, `RTMP_ERR_RTMFP_FLOWS`,
 * `RTMP_ERR_RTMFP_ACKNOWLEDGEMENTS` and `RTMP_ERR_RTMFP_MEMORY` when it crosses limits.
 */
export class FlowMessageConnection extends Duplex {
  readonly #session: OpenSession
  readonly #now: () => number
  readonly #outgoing: OutgoingFlows
  readonly #incoming = new Set<IncomingFlow>()
  readonly #sync = new FlowSync()
  readonly #endings = new StreamEndings()
  #syncTimer: NodeJS.Timeout | undefined
  #lastWordsTimer: NodeJS.Timeout | undefined
  /** The far end's control flow, once it has come. */
  #control: IncomingFlow | undefined
  /** True while our reader takes no more. */
  #isFull = false
  #isFarDone = false
  #isSessionOver = false
  #isKeepAliveTold = false
  /** The write under way. */
  #taken: Done | undefined
  /** Who has asked for room. */
  #whenRoom: (() => void)[] = []

  /**
   * @param session belongs to the connection from here on
   * @param now milliseconds of a clock that never goes back
   */
  constructor(session: OpenSession, now: () => number = () => performance.now()) {
    super({ objectMode: true })
    this.#session = session
    this.#now = now
    this.#outgoing = new OutgoingFlows(session, {
      room: () => this.#resumeWriting(),
      settled: () => {
        if (this.#whenRoom.length > 0 && this.queuedBytes <= ROOM) this.#tellRoom()
      },
      refused: () => this.#farLeft(),
      commandRefused: () => this.destroy(commandRefused()),
    })
    session.onFlow = flow => this.#takeFlow(flow)
    session.onEnd = why => this.#onSessionEnd(why)
  }

  /** Bytes accepted for sending that have neither been delivered nor given up. */
  get queuedBytes(): number {
    return this.#outgoing.bufferedBytes
  }

  /** Milliseconds that the oldest message has waited of which nothing has left yet. */
  get lag(): number {
    const now = this.#now()
    return Math.max(0, Math.round(now - (this.#outgoing.oldestQueuedAt ?? now)))
  }

  /** Messages sent that were given up, as they were late. */
  get dropped(): number {
    return this.#outgoing.dropped
  }

  /** Bytes of all packets of the session that have come so far. */
  get bytesReceived(): number {
    return this.#session.bytesReceived
  }

  /** Bytes of all packets of the session that were sent so far. */
  get bytesSent(): number {
    return this.#session.bytesSent
  }

  /** Milliseconds, as the session has measured it so far. */
  get handshakeRoundTrip(): number | undefined {
    return this.#session.roundTrip
  }

  /** Sends without waiting, what is late is given up. @throws UsageError `RTMP_ERR_MESSAGE_TOO_LONG` */
  send(message: RtmpMessage): void {
    if (!this.writable || this.#isSessionOver || isNeverSent(message)) return
    if (message.messageTypeId !== MessageType.Aggregate) this.#outgoing.send(message)
    else for (const part of splitAggregate(message)) this.#outgoing.send(part)
    if (!this.#isKeepAliveTold) this.#announceKeepAlive()
  }

  /** How often signs of life are due: told by a server with its first answer, so that no NAT on the way forgets its client. */
  #announceKeepAlive(): void {
    this.#isKeepAliveTold = true
    if (this.#session.isInitiator) return
    const { keepAlivePeriod } = this.#session
    const [serverKeepalive, peerKeepalive] = [keepAlivePeriod, 2 * keepAlivePeriod]
    this.#outgoing.send(userControl({ type: 'SetKeepalive', serverKeepalive, peerKeepalive }))
  }

  /** Sends a batch on the message stream `messageStreamId`; all connections that send it share its bytes. */
  sendBatch(batch: MessageBatch, messageStreamId: number): void {
    if (this.writable && !this.#isSessionOver) this.#outgoing.sendBatch(batch, messageStreamId)
  }

  override _write(message: RtmpMessage, _encoding: BufferEncoding, done: Done): void {
    if (this.#isSessionOver || isNeverSent(message)) return done()
    let hasRoom = true
    try {
      const isAggregate = message.messageTypeId === MessageType.Aggregate
      for (const part of isAggregate ? splitAggregate(message) : [message]) hasRoom = this.#outgoing.write(part)
    } catch (error) {
      return done(error as Error)
    }
    if (hasRoom) done()
    else this.#taken = done
  }

  /** What is sent and late is given up, what is written is not: calls `room` when something has left and there is room. */
  whenRoom(room: () => void): void {
    if (this.queuedBytes === 0 || this.#isSessionOver || this.destroyed) return room()
    this.#whenRoom.push(room)
  }

  override _final(done: Done): void {
    this.#outgoing.close(() => {
      done()
      // Some take nothing less for the end.
      if (!this.#session.isInitiator) this.#control?.flow.reject()
      if (!this.#session.isInitiator) this.#endReading()
    })
  }

  override _read(): void {
    if (!this.#isFull) return
    this.#isFull = false
    // Control last: its end is the end of all.
    for (const flow of [...this.#incoming].toSorted(
      (a, b) => Number(a === this.#control) - Number(b === this.#control),
    )) {
      if (this.#isFull) return
      flow.isFull = false
    }
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#syncTimer)
    this.#endings.clear()
    clearTimeout(this.#lastWordsTimer)
    this.#incoming.clear()
    if (error === null) this.#session.close()
    else this.#session.destroy()
    this.#resumeWriting(
      error ?? new UsageError('RTMP_ERR_CONNECTION_CLOSED', 'the connection was closed while writing'),
    )
    done(error)
  }

  #resumeWriting(error?: Error): void {
    const taken = this.#taken
    this.#taken = undefined
    taken?.(error)
    if (this.#isSessionOver || this.destroyed || this.queuedBytes === 0) this.#tellRoom()
  }

  #tellRoom(): void {
    for (const room of this.#whenRoom.splice(0)) room()
  }

  /** Whether a flow has a place in the tree (RFC 7425 §5.3). */
  #takeFlow(flow: ReceiveFlow): boolean {
    const metadata = readFlowMetadata(flow.metadata)
    if (metadata === undefined || this.destroyed || this.#isFarDone) return false
    const isRoot = flow.association === undefined
    // One NetConnection for each session: its client begins it.
    if (isRoot && (this.#session.isInitiator || this.#control !== undefined || metadata.streamId !== 0)) return false
    const incoming = new IncomingFlow(flow, metadata.streamId)
    if (this.#control === undefined && metadata.streamId === 0) {
      this.#control = incoming
      this.#outgoing.association = flow.id
    }
    this.#incoming.add(incoming)
    if (this.#isFull) incoming.isFull = true
    flow.onMessage = bytes => this.#take(incoming, bytes)
    flow.onGap = () => {
      incoming.hasGap = true
    }
    flow.onEnd = finished => this.#flowEnded(incoming, finished)
    return true
  }

  #take(flow: IncomingFlow, bytes: Buffer): void {
    const message = readFlowMessage(bytes, flow.streamId)
    if (message === undefined || this.#isFarDone || chunkStreamTypes.has(message.messageTypeId)) return
    if (message.messageTypeId === MessageType.UserControl && this.#obey(flow, message)) return
    const deleted = this.#session.isInitiator ? undefined : deletedStream(message)
    if (deleted !== undefined) this.#outgoing.closeStream(deleted)
    if (message.messageTypeId === MessageType.Video) flow.hasVideo = true
    if (this.#waits(flow, message, deleted)) return
    if (flow.hasGap && isUseless(flow, message)) return
    this.#give(flow.hasGap ? this.#afterGap(flow, message) : message)
  }

  /**
   * The first keyframe after a gap says that there was one: nothing before it counts. Where a stream has no pictures, its sound
   * does.
   */
  #afterGap(flow: IncomingFlow, message: RtmpMessage): RtmpMessage {
    const { messageTypeId, payload } = message
    const says =
      messageTypeId === MessageType.Video
        ? isKeyframe(payload)
        : messageTypeId === MessageType.Audio && isCodedAudio(payload) && !this.#hasVideo(flow.streamId)
    if (!says) return message
    flow.hasGap = false
    flow.gapAt = undefined
    return { ...message, discontinuity: true }
  }

  #hasVideo(streamId: number): boolean {
    for (const flow of this.#incoming) if (flow.streamId === streamId && flow.hasVideo) return true
    return false
  }

  /** True of what is to be given out later. */
  #waits(flow: IncomingFlow, message: RtmpMessage, deleted: number | undefined): boolean {
    if (this.#session.isInitiator || (deleted === undefined && !isUnpublish(message))) return false
    // An FCUnpublish names no stream.
    const isOf = ({ streamId }: IncomingFlow) => (deleted === undefined ? streamId !== 0 : streamId === deleted)
    const others = [...this.#incoming].filter(other => other !== flow && isOf(other))
    return this.#endings.hold(flow, others, () => this.#give(message))
  }

  #give(message: RtmpMessage): void {
    if (this.push(message)) return
    this.#isFull = true
    for (const flow of this.#incoming) flow.isFull = true
  }

  /** True for user control events that are not for the reader. */
  #obey(flow: IncomingFlow, { payload }: RtmpMessage): boolean {
    const event = parseUserControl(payload)
    switch (event?.type) {
      case 'PingRequest':
      case 'PingResponse':
        return true
      case 'SetKeepalive':
        if (this.#session.isInitiator)
          this.#session.keepAlive(Math.min(Math.max(event.peerKeepalive, LEAST_KEEP_ALIVE), MOST_KEEP_ALIVE))
        return true
      case 'FlowSync':
        this.#sync.arrived(flow, event.syncId, event.count, this.#now())
        this.#watchBarriers()
        return true
      default:
        return false
    }
  }

  #watchBarriers(): void {
    const { deadline } = this.#sync
    if (this.#syncTimer !== undefined || deadline === Number.POSITIVE_INFINITY || this.destroyed) return
    this.#syncTimer = setTimeout(
      () => {
        this.#syncTimer = undefined
        this.#sync.tick(this.#now())
        this.#watchBarriers()
      },
      Math.max(deadline - this.#now(), 1),
    ).unref()
  }

  #flowEnded(flow: IncomingFlow, finished: boolean): void {
    this.#incoming.delete(flow)
    this.#sync.ended(flow)
    this.#endings.ended(flow)
    if (flow === this.#control && finished) {
      this.#lastWordsTimer ??= setTimeout(() => this.#endReading(), LAST_WORDS).unref()
    }
    if (this.#lastWordsTimer !== undefined && this.#incoming.size === 0) this.#endReading()
  }

  #endReading(): void {
    if (this.#isFarDone) return
    this.#endings.release()
    this.#isFarDone = true
    clearTimeout(this.#lastWordsTimer)
    this.push(null)
  }

  /** It wants no more from us, and sends no more. */
  #farLeft(): void {
    this.#outgoing.abandon()
    this.#resumeWriting()
    this.#endReading()
    if (!this.writableEnded) this.end()
  }

  #onSessionEnd(why: SessionEnd): void {
    this.#isSessionOver = true
    if (this.destroyed) return
    this.#outgoing.end()
    const code = codes[why]
    if (code !== undefined) return void this.destroy(new LimitError(code, `the session is over: ${why}`))
    this.#resumeWriting()
    this.#endReading()
    if (!this.writableEnded) this.end()
  }
}

/** Who waits for its answer would wait in vain. */
function commandRefused(): LimitError {
  return new LimitError(
    'RTMP_ERR_RTMFP_FLOWS',
    'the far end refused the flow of a command: it takes no more of them. Use fewer streams on one connection',
  )
}

/** What the ends are called that are errors. */
const codes: Readonly<Partial<Record<SessionEnd, RtmpErrorCode>>> = {
  'no answer': 'RTMP_ERR_PING_TIMEOUT',
  'no acknowledgement': 'RTMP_ERR_PING_TIMEOUT',
  'too many flows': 'RTMP_ERR_RTMFP_FLOWS',
  'false acknowledgements': 'RTMP_ERR_RTMFP_ACKNOWLEDGEMENTS',
  'too much memory': 'RTMP_ERR_RTMFP_MEMORY',
}

function isNeverSent({ messageTypeId, payload }: RtmpMessage): boolean {
  if (messageTypeId !== MessageType.UserControl) return chunkStreamTypes.has(messageTypeId)
  const type = parseUserControl(payload)?.type
  return type === 'PingRequest' || type === 'PingResponse'
}

/** Pictures after a gap need one that is missing, up to the next keyframe. Not all encoders make more than one. */
function isUseless(flow: IncomingFlow, { messageTypeId, payload, timestamp }: RtmpMessage): boolean {
  if (messageTypeId !== MessageType.Video || !isCodedVideo(payload) || isKeyframe(payload)) return false
  flow.gapAt ??= timestamp
  return ((timestamp - flow.gapAt) | 0) < LONGEST_GAP
}
