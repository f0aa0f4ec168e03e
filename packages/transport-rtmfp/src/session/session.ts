import { type SendFlow, TIME_CRITICAL as FIRST_TIME_CRITICAL, type SendFlowOptions } from '../contract/flow.ts'
import type { OpenSession, SessionEnd } from '../contract/session.ts'
import type { SessionKeys } from '../crypto/keying.ts'
import { PacketOpener, PacketSealer } from '../crypto/packet-cipher.ts'
import { type ReceiveFlowHost, ReceiveFlowMachine } from '../flow/receive-flow.ts'
import { type ChunkBefore, SendFlowMachine } from '../flow/send-flow.ts'
import type { SentFragment } from '../flow/sent-fragment.ts'
import { type Acknowledgement, readAcknowledgementBitmap, readAcknowledgementRanges } from '../wire/acknowledgement.ts'
import type { Endpoint } from '../wire/address.ts'
import { ByteReader } from '../wire/byte-reader.ts'
import { type ByteWriter, written } from '../wire/byte-writer.ts'
import { ChunkType } from '../wire/chunk-type.ts'
import { CHUNK_HEADER_LENGTH, forEachChunk, Mode, type PacketHeader, readHeader } from '../wire/packet.ts'
import {
  readBufferProbe,
  readFlowException,
  writeBufferProbe,
  writeCloseAcknowledgement,
  writeCloseRequest,
  writePing,
  writePingReply,
} from '../wire/session-chunks.ts'
import { type ForwardedInitiatorHello, readForwardedHello, writeForwardedHello } from '../wire/startup-chunks.ts'
import { FlowOption, readNextUserData, readUserData, type UserData } from '../wire/user-data.ts'
import { WireError } from '../wire/wire-error.ts'
import { Congestion, type CongestionControl, type LineState } from './congestion.ts'
import { KeepAlive } from './keep-alive.ts'
import { defaultSessionLimits, type SessionLimits } from './limits.ts'
import { LossDetection } from './loss.ts'
import { AddressCheck, isSameEndpoint } from './mobility.ts'
import { Pacing } from './pacing.ts'
import { PingAnswers } from './ping-answers.ts'
import { ReadyFlows } from './ready-flows.ts'
import { RoundTrip, TICK, ticksOf } from './round-trip.ts'
import { SessionOverError } from './session-over-error.ts'
import { isRecent, TimeCriticalTraffic } from './time-critical.ts'

/** What a session needs of its endpoint. */
export interface SessionHost {
  /** Sends a datagram, or loses it. */
  send(datagram: Buffer, to: Endpoint): void
  /**
   * {@link Session.deadline} has come nearer; where it is not in the future, `tick` is due as soon as may be. May be left out
   * within `receive` and `tick`: who calls them looks at the deadline afterwards.
   */
  deadlineChanged(session: Session): void
  /** Nothing more will be sent or taken: its id is free. */
  closed(session: Session): void
  /** Somebody asks for this end, by way of the far end (RFC 7016 §3.5.1.6). */
  forwardedHello(session: Session, hello: ForwardedInitiatorHello): void
}

/** What a session begins with. */
export interface SessionSetup {
  readonly isInitiator: boolean
  readonly farId: Buffer
  readonly nearId: Buffer
  /** The id that the far end's packets shall have. */
  readonly farSessionId: number
  readonly keys: SessionKeys
  readonly remote: Endpoint
  /** 32 random bytes, for the check of new addresses. */
  readonly secret: Buffer
  /** One for all sessions of an endpoint. */
  readonly traffic?: TimeCriticalTraffic
  readonly limits?: Partial<SessionLimits>
  readonly now: number
}

/** Bytes of a packet with what stands before it. */
const PACKET_LENGTH = 1_200
/** Sent without letting others have their turn; receivers lose what comes in longer bursts. */
const MOST_PACKETS = 64
const ACKNOWLEDGEMENT_DELAY = 100
const CLOSE_REPEAT = 5_000
const NEAR_CLOSE = 90_000
const FAR_CLOSE = 19_000
const FLOWS_REMEMBERED = 120_000
const CARE_PERIOD = 5_000
const ECHO_LIFE = 128_000
const TIMESTAMP_CYCLE = 65_536
/** Unknown options from here on may be ignored (RFC 7016 §2.3.11.1). */
const IGNORABLE_OPTION = 0x2000

const HAS_TIMESTAMP = 0x08
const HAS_ECHO = 0x04
const TIME_CRITICAL_REVERSE = 0x40
const TIME_CRITICAL = 0x80

/** A chunk that belongs to no flow. */
interface Control {
  readonly chunk: Buffer
  /** Undefined: with the next packet. */
  readonly to: Endpoint | undefined
}

/**
 * An open session with another endpoint (RFC 7016 §3.5), without a clock or a socket: it is handed datagrams and the time, and
 * sends only in {@link tick}. Whatever has to be sent soon makes {@link deadline} pass.
 */
export class Session implements OpenSession {
  readonly isInitiator: boolean
  readonly farId: Buffer
  readonly nearId: Buffer
  readonly nearNonce: Buffer
  readonly farNonce: Buffer
  onFlow: OpenSession['onFlow'] = () => false
  onEnd: OpenSession['onEnd'] = () => {}
  readonly #host: SessionHost
  readonly #limits: SessionLimits
  readonly #sealer: PacketSealer
  readonly #opener: PacketOpener
  readonly #farSessionId: number
  readonly #traffic: TimeCriticalTraffic
  readonly #roundTrip = new RoundTrip()
  readonly #congestion: CongestionControl
  readonly #pacing = new Pacing()
  readonly #loss = new LossDetection()
  readonly #keepAlive: KeepAlive
  readonly #pings: PingAnswers
  /** Undefined where packets are not authenticated: their addresses say nothing then. */
  readonly #addressCheck: AddressCheck | undefined
  readonly #ready = new ReadyFlows()
  readonly #sendFlows = new Map<number, SendFlowMachine>()
  readonly #receiveFlows = new Map<number, ReceiveFlowMachine>()
  #state: 'open' | 'near close' | 'far close' | 'closed' = 'open'
  #remote: Endpoint
  #now: number
  #isDue = false
  #bytesSent = 0
  #bytesReceived = 0
  #lastFlowId = 1
  // The clock of the far end, and what it is to be told of it.
  #farTimestamp: number | undefined
  #farTimestampAt = 0
  #timeCriticalSentAt = Number.NEGATIVE_INFINITY
  #reverseReceivedAt = Number.NEGATIVE_INFINITY
  // What is in flight.
  #inFlight = 0
  #acknowledged = 0
  #hasAcknowledgement = false
  #alarmAt = Number.POSITIVE_INFINITY
  #unacknowledgedSince: number | undefined
  /** Packets up to this number were in flight when the window was cut: what else is lost of them was lost at the same time. */
  #cutAt = 0
  #falseAcknowledgements = 0
  // What is to be acknowledged.
  #awaited: ReceiveFlowMachine[] = []
  #acknowledgeAt = Number.POSITIVE_INFINITY
  #unacknowledgedPackets = 0
  // The packet that is being read.
  #from: Endpoint
  #lastChunk: UserData | undefined
  #hasUserData = false
  // Everything else.
  #control: Control[] = []
  #activeAt: number
  #careAt = Number.POSITIVE_INFINITY
  #closeAt = Number.POSITIVE_INFINITY
  #closedAt = Number.POSITIVE_INFINITY

  constructor(setup: SessionSetup, host: SessionHost) {
    const { keys, now, remote } = setup
    this.isInitiator = setup.isInitiator
    this.farId = setup.farId
    this.nearId = setup.nearId
    this.nearNonce = keys.nearNonce
    this.farNonce = keys.farNonce
    this.#host = host
    this.#limits = { ...defaultSessionLimits, ...setup.limits }
    this.#sealer = new PacketSealer(keys.sending)
    this.#opener = new PacketOpener(keys.receiving)
    this.#farSessionId = setup.farSessionId
    this.#traffic = setup.traffic ?? new TimeCriticalTraffic()
    this.#congestion = new Congestion(this.#limits.maxInFlight)
    this.#keepAlive = new KeepAlive(this.#limits.keepAlive, now)
    this.#pings = new PingAnswers(this.#limits.maxPings)
    this.#addressCheck = keys.receiving.hmac && new AddressCheck(setup.secret)
    this.#remote = remote
    this.#from = remote
    this.#now = now
    this.#activeAt = now
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  get remote(): Endpoint {
    return this.#remote
  }

  get roundTrip(): number | undefined {
    return this.#roundTrip.smoothed
  }

  get bytesReceived(): number {
    return this.#bytesReceived
  }

  get bytesSent(): number {
    return this.#bytesSent
  }

  /** When {@link tick} is to be called, at the latest; Infinity when there is nothing to wait for. */
  get deadline(): number {
    if (this.#state === 'closed') return Number.POSITIVE_INFINITY
    if (this.#isDue) return this.#now
    if (this.#state !== 'open') return Math.min(this.#closeAt, this.#closedAt)
    const { retransmitLimit, idleLimit } = this.#limits
    let deadline = Math.min(
      this.#alarmAt,
      this.#acknowledgeAt,
      this.#loss.deadline,
      this.#keepAlive.deadline,
      this.#keepAlive.lastDeadline(retransmitLimit),
      this.#addressCheck?.deadline ?? Number.POSITIVE_INFINITY,
      this.#careAt,
    )
    if (this.#unacknowledgedSince !== undefined)
      deadline = Math.min(deadline, this.#unacknowledgedSince + retransmitLimit)
    if (!this.#hasFlows) deadline = Math.min(deadline, this.#activeAt + idleLimit)
    if (!this.#ready.isEmpty && this.#congestion.canSend(this.#inFlight))
      deadline = Math.min(deadline, this.#pacing.nextAt)
    for (const flow of this.#sendFlows.values()) deadline = Math.min(deadline, flow.deadline)
    return deadline
  }

  get #hasFlows(): boolean {
    if (this.#sendFlows.size > 0) return true
    for (const flow of this.#receiveFlows.values()) if (flow.isOpen) return true
    return false
  }

  openFlow(options: SendFlowOptions): SendFlow {
    if (this.#state !== 'open') throw new SessionOverError()
    this.#lastFlowId += 1
    const flow = new SendFlowMachine(this.#lastFlowId, options, this.#flowHost, this.#limits.sendBuffer)
    this.#sendFlows.set(flow.id, flow)
    return flow
  }

  keepAlive(period: number): void {
    this.#keepAlive.period = period
    this.#wake()
  }

  /** Tells the far end that somebody asks for it. */
  forward(hello: ForwardedInitiatorHello): void {
    this.#tell(
      written(hello.endpointDiscriminator.length + hello.tag.length + 64, out => writeForwardedHello(out, hello)),
    )
  }

  close(): void {
    this.#closeInOrder('closed by us')
  }

  #closeInOrder(why: SessionEnd): void {
    if (this.#state !== 'open') return
    this.#state = 'near close'
    this.#closeAt = this.#now
    this.#closedAt = this.#now + NEAR_CLOSE
    this.#endFlows()
    this.#wake()
    this.onEnd(why)
  }

  destroy(): void {
    this.#breakOff('closed by us')
  }

  #breakOff(why: SessionEnd): void {
    if (this.#state === 'closed') return
    const wasOpen = this.#state === 'open'
    this.#state = 'closed'
    this.#sendAlone(closeAcknowledgement, this.#remote)
    this.#endFlows()
    this.#host.closed(this)
    if (wasOpen) this.onEnd(why)
  }

  #endFlows(): void {
    for (const flow of this.#sendFlows.values()) flow.end()
    for (const flow of this.#receiveFlows.values()) flow.end()
    this.#sendFlows.clear()
    this.#receiveFlows.clear()
    this.#awaited = []
    this.#control = []
  }

  #wake(): void {
    if (this.#isDue) return
    this.#isDue = true
    this.#host.deadlineChanged(this)
  }

  readonly #flowHost = {
    wake: (flow: SendFlowMachine): void => {
      this.#ready.add(flow)
      this.#wake()
    },
    completed: (flow: SendFlowMachine): void => {
      this.#sendFlows.delete(flow.id)
    },
  }

  readonly #receiveHost: ReceiveFlowHost = ((session: Session) => ({
    acknowledgeSoon(flow) {
      session.#await(flow, true)
    },
    get buffered() {
      let buffered = 0
      for (const flow of session.#receiveFlows.values()) buffered += flow.buffered
      return buffered
    },
  }))(this)

  /** Takes a datagram that has its session id. False for what is forged, broken, or has come before. */
  receive(datagram: Buffer, from: Endpoint, now: number): boolean {
    if (this.#state === 'closed') return false
    const reader = this.#opener.open(datagram)
    if (reader === undefined) return false
    const header = headerOf(reader)
    if (header === undefined || header.mode !== (this.isInitiator ? Mode.Responder : Mode.Initiator)) return false
    this.#now = now
    this.#bytesReceived += datagram.length
    this.#from = from
    this.#keepAlive.heard(now)
    this.#takeHeader(header, now)
    this.#lastChunk = undefined
    this.#hasUserData = false
    const inFlight = this.#inFlight
    forEachChunk(reader, this.#take)
    if (this.#state !== 'open') return true
    if (this.#hasAcknowledgement) this.#acknowledgedSome(inFlight, now)
    if (this.#hasUserData) this.#received(now)
    if (!isSameEndpoint(from, this.#remote)) this.#addressCheck?.begin(from, now)
    return true
  }

  #takeHeader(header: PacketHeader, now: number): void {
    const { timestamp, timestampEcho, timeCritical, timeCriticalReverse } = header
    if (timestamp !== undefined && timestamp !== this.#farTimestamp) {
      this.#farTimestamp = timestamp
      this.#farTimestampAt = now
    }
    if (timestampEcho !== undefined) this.#roundTrip.echoed(timestampEcho, now)
    if (timeCriticalReverse === true) this.#reverseReceivedAt = now
    if (timeCritical !== true) return
    this.#traffic.received(this, now)
    if (this.isInitiator) this.#keepAlive.played(now)
  }

  readonly #take = (type: number, chunk: ByteReader): void => {
    if (type === ChunkType.SessionCloseRequest) this.#takeCloseRequest()
    else if (type === ChunkType.SessionCloseAcknowledgement) this.#takeCloseAcknowledgement()
    if (this.#state !== 'open') return
    switch (type) {
      case ChunkType.UserData:
        this.#lastChunk = undefined
        this.#lastChunk = readUserData(chunk)
        this.#takeUserData(this.#lastChunk)
        break
      case ChunkType.NextUserData:
        this.#lastChunk = readNextUserData(chunk, this.#lastChunk)
        this.#takeUserData(this.#lastChunk)
        break
      case ChunkType.AcknowledgementRanges:
        this.#takeAcknowledgement(readAcknowledgementRanges(chunk))
        break
      case ChunkType.AcknowledgementBitmap:
        this.#takeAcknowledgement(readAcknowledgementBitmap(chunk))
        break
      case ChunkType.BufferProbe: {
        const flow = this.#receiveFlows.get(readBufferProbe(chunk))
        if (flow !== undefined) this.#await(flow, true)
        break
      }
      case ChunkType.FlowException: {
        const { flowId, code } = readFlowException(chunk)
        this.#sendFlows.get(flowId)?.refused(code)
        break
      }
      case ChunkType.Ping:
        this.#takePing(chunk.rest())
        break
      case ChunkType.PingReply:
        this.#takePingReply(chunk.rest())
        break
      case ChunkType.ForwardedInitiatorHello:
        this.#host.forwardedHello(this, readForwardedHello(chunk))
        break
      default:
    }
  }

  #takeUserData(chunk: UserData): void {
    this.#hasUserData = true
    const flow = this.#receiveFlows.get(chunk.flowId) ?? this.#newFlow(chunk)
    if (flow === undefined) return
    const isUrgent = flow.take(chunk, this.#now)
    if (this.#state !== 'open') return
    this.#await(flow, isUrgent)
    if (!flow.isOpen && this.#careAt === Number.POSITIVE_INFINITY) this.#careAt = this.#now + CARE_PERIOD
  }

  #newFlow({ flowId, options = [] }: UserData): ReceiveFlowMachine | undefined {
    const { maxReceiveFlows, maxEndedFlows, maxMetadata } = this.#limits
    let metadata: Buffer | undefined
    let association: number | undefined
    let isWanted = true
    for (const { type, value } of options) {
      if (type === FlowOption.Metadata) metadata = Buffer.from(value)
      else if (type === FlowOption.ReturnAssociation) association = new ByteReader(value).vlu()
      else if (type < IGNORABLE_OPTION) isWanted = false
    }
    if (metadata === undefined || metadata.length > maxMetadata) isWanted = false
    if (association !== undefined && this.#sendFlows.get(association)?.isOpen !== true) isWanted = false
    let open = 0
    for (const flow of this.#receiveFlows.values()) if (flow.isOpen) open += 1
    if (this.#receiveFlows.size - open >= maxEndedFlows) {
      this.#breakOff('limit')
      return undefined
    }
    const flow = new ReceiveFlowMachine(
      flowId,
      metadata ?? Buffer.alloc(0),
      association,
      this.#receiveHost,
      this.#limits,
    )
    this.#receiveFlows.set(flowId, flow)
    if (!isWanted || open >= maxReceiveFlows || !this.onFlow(flow)) flow.reject()
    return this.#state === 'open' ? flow : undefined
  }

  #await(flow: ReceiveFlowMachine, isUrgent: boolean): void {
    if (!flow.isAwaited) {
      flow.isAwaited = true
      this.#awaited.push(flow)
    }
    if (isUrgent) {
      this.#acknowledgeAt = this.#now
      this.#wake()
    } else this.#acknowledgeAt = Math.min(this.#acknowledgeAt, this.#now + ACKNOWLEDGEMENT_DELAY)
  }

  /** Every second packet is acknowledged at once. */
  #received(now: number): void {
    this.#unacknowledgedPackets += 1
    if (this.#unacknowledgedPackets < 2 || this.#awaited.length === 0) return
    this.#acknowledgeAt = now
    this.#wake()
  }

  #takeAcknowledgement(acknowledgement: Acknowledgement): void {
    const flow = this.#sendFlows.get(acknowledgement.flowId)
    if (flow === undefined) return
    this.#hasAcknowledgement = true
    if (flow.acknowledge(acknowledgement, this.#fragmentAcknowledged)) {
      if (this.#state === 'open' && flow.hasWork) this.#flowHost.wake(flow)
      return
    }
    this.#falseAcknowledgements += 1
    if (this.#falseAcknowledgements >= this.#limits.maxFalseAcknowledgements) this.#breakOff('limit')
  }

  readonly #fragmentAcknowledged = (fragment: SentFragment): void => {
    this.#loss.acknowledged(fragment, this.#now, this.#roundTrip.minimum)
    if (fragment.packet !== undefined) {
      this.#inFlight -= fragment.size
      this.#acknowledged += fragment.size
    }
  }

  #acknowledgedSome(inFlight: number, now: number): void {
    this.#hasAcknowledgement = false
    const acknowledged = this.#acknowledged
    this.#acknowledged = 0
    const isCut = this.#detectLoss(inFlight, now)
    if (acknowledged === 0) return
    if (!isCut) this.#congestion.onAck(acknowledged, inFlight, this.#lineAt(now))
    this.#alarmAt = this.#inFlight > 0 ? now + this.#roundTrip.timeout : Number.POSITIVE_INFINITY
    this.#unacknowledgedSince = this.#inFlight > 0 ? now : undefined
    if (!this.#ready.isEmpty) this.#wake()
  }

  #detectLoss(inFlight: number, now: number): boolean {
    const newest = this.#loss.detect(now, this.#roundTrip.smoothed, this.#lost)
    if (newest <= this.#cutAt) return false
    this.#cutAt = this.#loss.lastNumber
    this.#congestion.onLoss(inFlight, this.#lineAt(now))
    return true
  }

  readonly #lost = (fragment: SentFragment): void => {
    this.#inFlight -= fragment.size
    fragment.flow.lost(fragment)
  }

  #lineAt(now: number): LineState {
    return {
      isAlone: !this.#traffic.isSent(now) && !isRecent(this.#reverseReceivedAt, now),
      isTimeCritical: isRecent(this.#timeCriticalSentAt, now),
      isQueueing: this.#roundTrip.queueing > Math.max(LEAST_QUEUE, this.#roundTrip.minimum / 4),
    }
  }

  #takePing(message: Buffer): void {
    if (!this.#pings.admits(message.length, this.#now)) return
    const isHere = isSameEndpoint(this.#from, this.#remote)
    this.#tell(
      written(message.length + CHUNK_HEADER_LENGTH, out => writePingReply(out, message)),
      isHere ? undefined : this.#from,
    )
  }

  #takePingReply(message: Buffer): void {
    if (isSameEndpoint(this.#from, this.#remote)) return
    if (this.#addressCheck?.accepts(message, this.#from, this.#now) !== true) return
    this.#remote = this.#from
    this.#roundTrip.reset()
    // What is in flight went to where nobody is any more, and says nothing of the new way.
    this.#loss.all(this.#lost)
    this.#congestion.onTimeout(false)
    this.#alarmAt = Number.POSITIVE_INFINITY
    this.#wake()
  }

  #tell(chunk: Buffer, to?: Endpoint): void {
    if (this.#state !== 'open') return
    this.#control.push({ chunk, to })
    this.#wake()
  }

  #takeCloseRequest(): void {
    this.#sendAlone(closeAcknowledgement, this.#from)
    if (this.#state !== 'open') return
    this.#state = 'far close'
    this.#closedAt = this.#now + FAR_CLOSE
    this.#endFlows()
    this.#wake()
    this.onEnd('closed by the far end')
  }

  #takeCloseAcknowledgement(): void {
    if (this.#state === 'open') {
      this.#breakOff('closed by the far end')
      return
    }
    this.#state = 'closed'
    this.#host.closed(this)
  }

  /** Does and sends what is due. */
  tick(now: number): void {
    this.#now = Math.max(this.#now, now)
    this.#isDue = false
    if (this.#state === 'closed') return
    if (this.#state !== 'open') {
      this.#tickClosing(now)
      return
    }
    this.#timeout(now)
    if (this.#endIfDead(now)) return
    this.#detectLoss(this.#inFlight, now)
    for (const flow of this.#sendFlows.values()) this.#tickFlow(flow, now)
    this.#care(now)
    if (now >= this.#keepAlive.deadline) {
      this.#keepAlive.asked(now, this.#roundTrip.timeout)
      this.#control.push({ chunk: ping, to: undefined })
    }
    const asked = this.#addressCheck?.due(now)
    if (asked !== undefined && this.#addressCheck !== undefined) {
      const question = this.#addressCheck.question(asked, now)
      this.#control.push({ chunk: written(64, out => writePing(out, question)), to: asked })
    }
    if (this.#state === 'open') this.#flush(now)
  }

  #tickClosing(now: number): void {
    if (now >= this.#closedAt) {
      this.#state = 'closed'
      this.#host.closed(this)
    } else if (now >= this.#closeAt) {
      this.#closeAt = now + CLOSE_REPEAT
      this.#sendAlone(closeRequest, this.#remote)
    }
  }

  /** Nothing was acknowledged for too long: what is in flight is lost (RFC 7016 §3.6.2.6). */
  #timeout(now: number): void {
    if (now < this.#alarmAt) return
    this.#alarmAt = Number.POSITIVE_INFINITY
    const isLoss = this.#loss.all(this.#lost)
    if (isLoss) this.#roundTrip.backOff()
    this.#congestion.onTimeout(isLoss)
    this.#cutAt = this.#loss.lastNumber
  }

  #endIfDead(now: number): boolean {
    const { retransmitLimit, idleLimit } = this.#limits
    const since = this.#unacknowledgedSince
    if (since !== undefined && now >= since + retransmitLimit) this.#breakOff('no acknowledgement')
    else if (now >= this.#keepAlive.lastDeadline(retransmitLimit)) this.#breakOff('no answer')
    else if (this.#hasFlows) this.#activeAt = now
    else if (now >= this.#activeAt + idleLimit) this.#closeInOrder('idle')
    return this.#state !== 'open'
  }

  #tickFlow(flow: SendFlowMachine, now: number): void {
    flow.tick(now)
    if (flow.probes(now, this.#roundTrip.timeout))
      this.#control.push({ chunk: written(16, out => writeBufferProbe(out, flow.id)), to: undefined })
  }

  /** Forgets flows that nothing comes of any more. */
  #care(now: number): void {
    if (now < this.#careAt) return
    this.#careAt = Number.POSITIVE_INFINITY
    for (const [id, flow] of this.#receiveFlows) {
      if (flow.isOpen) continue
      if (now - flow.lastHeardAt >= FLOWS_REMEMBERED) this.#receiveFlows.delete(id)
      else this.#careAt = now + CARE_PERIOD
    }
  }

  #flush(now: number): void {
    const { smoothed } = this.#roundTrip
    this.#pacing.refill(now, this.#congestion.window, smoothed, this.#congestion.isStarting ? 2 : 1.25)
    for (let count = 0; this.#state === 'open'; count += 1) {
      const control = this.#control[0]
      if (control?.to !== undefined) {
        this.#control.shift()
        this.#sendAlone(control.chunk, control.to)
        continue
      }
      const isFree = !this.#ready.isEmpty && this.#congestion.canSend(this.#inFlight) && this.#pacing.canSend
      const mustAcknowledge = this.#awaited.length > 0 && now >= this.#acknowledgeAt
      if (control === undefined && !mustAcknowledge && !isFree) return
      if (count === MOST_PACKETS) {
        this.#wake()
        return
      }
      if (!this.#writePacket(now, isFree)) return
    }
  }

  #writePacket(now: number, isFree: boolean): boolean {
    const writer = this.#begin(now)
    const flagsAt = writer.position - this.#headerLength
    const start = writer.position
    for (let [control] = this.#control; control !== undefined && control.to === undefined; [control] = this.#control) {
      if (writer.room < control.chunk.length) break
      writer.put(control.chunk)
      this.#control.shift()
    }
    this.#writeAcknowledgements(writer)
    if (isFree && this.#writeFlows(writer, start, now)) {
      writer.bytes[flagsAt] = (writer.bytes[flagsAt] as number) | TIME_CRITICAL
      this.#timeCriticalSentAt = now
      this.#traffic.sent(now)
    }
    if (writer.position === start) return false
    this.#seal(writer, this.#remote)
    return true
  }

  #headerLength = 0

  /** A packet with its header. */
  #begin(now: number): ByteWriter {
    const writer = this.#sealer.begin(PACKET_LENGTH)
    const start = writer.position
    const elapsed = now - this.#farTimestampAt
    const echo =
      this.#farTimestamp === undefined || elapsed > ECHO_LIFE
        ? undefined
        : (this.#farTimestamp + Math.floor(elapsed / TICK)) % TIMESTAMP_CYCLE
    writer.u8(
      (this.isInitiator ? Mode.Initiator : Mode.Responder) |
        HAS_TIMESTAMP |
        (echo === undefined ? 0 : HAS_ECHO) |
        (this.#traffic.isReceivedBeside(this, now) ? TIME_CRITICAL_REVERSE : 0),
    )
    writer.u16(ticksOf(now))
    if (echo !== undefined) writer.u16(echo)
    this.#headerLength = writer.position - start
    return writer
  }

  #writeAcknowledgements(writer: ByteWriter): void {
    let count = 0
    for (const flow of this.#awaited) {
      if (!flow.writeAcknowledgement(writer, count === 0)) break
      flow.isAwaited = false
      count += 1
    }
    if (count === 0) return
    this.#awaited.splice(0, count)
    if (this.#awaited.length > 0) return
    this.#acknowledgeAt = Number.POSITIVE_INFINITY
    this.#unacknowledgedPackets = 0
  }

  readonly #before: ChunkBefore = { flow: undefined, sequence: 0, forwardSequence: 0 }

  /** Fills a packet with what flows have. Returns whether something of it is time critical. */
  #writeFlows(writer: ByteWriter, start: number, now: number): boolean {
    const packet = this.#loss.begin(now)
    this.#before.flow = undefined
    let isTimeCritical = false
    for (let flow = this.#ready.take(); flow !== undefined; flow = this.#ready.take()) {
      if (!flow.hasWork || !flow.isAdmitted) continue
      const isWritten = flow.writeChunk(writer, packet, this.#before)
      if (isWritten && flow.priority >= FIRST_TIME_CRITICAL) isTimeCritical = true
      // What does not even fit into an empty packet waits until something changes.
      if (isWritten || writer.position > start) this.#ready.add(flow)
      if (!isWritten) break
    }
    if (packet.fragments.length === 0) return false
    let size = 0
    for (const fragment of packet.fragments) size += fragment.size
    this.#loss.sent(packet)
    this.#inFlight += size
    this.#pacing.sent(size)
    this.#alarmAt = now + this.#roundTrip.timeout
    this.#unacknowledgedSince ??= now
    return isTimeCritical
  }

  #sendAlone(chunk: Buffer, to: Endpoint): void {
    this.#seal(this.#begin(this.#now).put(chunk), to)
  }

  #seal(writer: ByteWriter, to: Endpoint): void {
    const datagram = this.#sealer.seal(this.#farSessionId, writer)
    this.#bytesSent += datagram.length
    this.#keepAlive.sent(this.#now)
    this.#host.send(datagram, to)
  }
}

/** Beyond the smallest round trip; what is less is jitter, milliseconds. */
const LEAST_QUEUE = 10

const ping: Buffer = written(CHUNK_HEADER_LENGTH, out => writePing(out, Buffer.alloc(0)))
const closeRequest: Buffer = written(CHUNK_HEADER_LENGTH, writeCloseRequest)
const closeAcknowledgement: Buffer = written(CHUNK_HEADER_LENGTH, writeCloseAcknowledgement)

function headerOf(reader: ByteReader): PacketHeader | undefined {
  try {
    return readHeader(reader)
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}
