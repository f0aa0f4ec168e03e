import { type SendFlow, TIME_CRITICAL as FIRST_TIME_CRITICAL, type SendFlowOptions } from '../contract/flow.ts'
import type { OpenSession, SessionEnd } from '../contract/session.ts'
import type { SessionKeys } from '../crypto/keying.ts'
import { PacketOpener, PacketSealer } from '../crypto/packet-cipher.ts'
import type { ReceiveFlowMachine } from '../flow/receive-flow.ts'
import { type ChunkBefore, SendFlowMachine } from '../flow/send-flow.ts'
import { type Acknowledgement, readAcknowledgementBitmap, readAcknowledgementRanges } from '../wire/acknowledgement.ts'
import type { Endpoint } from '../wire/address.ts'
import type { ByteReader } from '../wire/byte-reader.ts'
import { type ByteWriter, written } from '../wire/byte-writer.ts'
import { ChunkType } from '../wire/chunk-type.ts'
import {
  CHUNK_HEADER_LENGTH,
  forEachChunk,
  MAX_HEADER_LENGTH,
  Mode,
  type PacketHeader,
  readHeader,
} from '../wire/packet.ts'
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
import { readNextUserData, readUserData, type UserData } from '../wire/user-data.ts'
import { WireError } from '../wire/wire-error.ts'
import { FarClock } from './far-clock.ts'
import { KeepAlive } from './keep-alive.ts'
import { defaultSessionLimits, type SessionLimits } from './limits.ts'
import { AddressCheck, isSameEndpoint } from './mobility.ts'
import { PendingAcknowledgements } from './pending-acknowledgements.ts'
import { PingAnswers } from './ping-answers.ts'
import { ReadyFlows } from './ready-flows.ts'
import { ReceiveFlows } from './receive-flows.ts'
import { RoundTrip, ticksOf } from './round-trip.ts'
import { SendingControl } from './sending-control.ts'
import { SessionOverError } from './session-over-error.ts'
import { SharedMemory } from './shared-memory.ts'
import { TimeCriticalTraffic } from './time-critical.ts'
import { UnprovenAddress } from './unproven-address.ts'

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
  /** The first packet has come that the keys open; what is in it is read next. Only of sessions that the far end has opened. */
  proven?(session: Session): void
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
  /** Bytes that have come in messages that are not whole, or not taken; one for all sessions of an endpoint. */
  readonly received?: SharedMemory
  /** Bytes that were written and not delivered; one for all sessions of an endpoint. */
  readonly queued?: SharedMemory
  /** Milliseconds that an answer took while it was opened, if that is known. */
  readonly roundTrip?: number | undefined
  readonly limits?: Partial<SessionLimits>
  readonly now: number
}

/** Bytes of a packet with what stands before it. */
const PACKET_LENGTH = 1_200
/** Chunks that belong to no flow and are longer are not sent: they have to fit into one packet. */
const MOST_CONTROL = 1_100
/** Bytes that make a packet fill its last block, at most. */
const PADDING = 15
/** Sent without letting others have their turn; receivers lose what comes in longer bursts. */
const MOST_PACKETS = 64
/** How long flows that are over are remembered at least: milliseconds, and retransmission timeouts. */
const LEAST_MEMORY = 1_000
const TIMEOUTS_REMEMBERED = 4
const CLOSE_REPEAT = 5_000
const NEAR_CLOSE = 90_000
const FAR_CLOSE = 19_000
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
  readonly #roundTrip: RoundTrip
  readonly #farClock = new FarClock()
  readonly #sending: SendingControl
  readonly #keepAlive: KeepAlive
  readonly #pings: PingAnswers
  /** Undefined where packets are not authenticated: their addresses say nothing then. */
  readonly #addressCheck: AddressCheck | undefined
  readonly #elsewhere = new UnprovenAddress()
  readonly #ready = new ReadyFlows()
  readonly #sendFlows = new Map<number, SendFlowMachine>()
  readonly #receiveFlows: ReceiveFlows
  readonly #received: SharedMemory
  readonly #queued: SharedMemory
  #queuedBytes = 0
  readonly #acknowledgements = new PendingAcknowledgements()
  #state: 'open' | 'near close' | 'far close' | 'closed' = 'open'
  #remote: Endpoint
  #now: number
  #isDue = false
  /** The far end has shown that it has the keys. */
  #isProven: boolean
  #bytesSent = 0
  #bytesReceived = 0
  #lastFlowId = 1
  #falseAcknowledgements = 0
  // The packet that is being read.
  #from: Endpoint
  #lastChunk: UserData | undefined
  #hasUserData = false
  #isCloseAnswered = false
  // Everything else.
  #control: Control[] = []
  #activeAt: number
  #closeAt = Number.POSITIVE_INFINITY
  #closedAt = Number.POSITIVE_INFINITY

  constructor(setup: SessionSetup, host: SessionHost) {
    const { keys, now, remote } = setup
    this.isInitiator = setup.isInitiator
    this.#isProven = setup.isInitiator
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
    this.#received = setup.received ?? new SharedMemory()
    this.#queued = setup.queued ?? new SharedMemory()
    this.#roundTrip = new RoundTrip(setup.roundTrip)
    this.#sending = new SendingControl(this.#roundTrip, this.#traffic, this.#limits.maxInFlight)
    this.#receiveFlows = new ReceiveFlows(this.#receiveHost, this.#limits)
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

  /** It is over, and its far end has not said that it knows. */
  get isUnheard(): boolean {
    return this.#state === 'near close'
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

  /** Flows both ways, with those that are only remembered. */
  get flowCount(): number {
    return this.#sendFlows.size + this.#receiveFlows.size
  }

  get keepAlivePeriod(): number {
    return this.#keepAlive.period
  }

  /** Bytes that it keeps of messages that are not whole, or not taken. */
  get receivedBytes(): number {
    return this.#receiveFlows.buffered
  }

  /** Bytes that were written and have been neither delivered nor given up. */
  get queuedBytes(): number {
    return this.#queuedBytes
  }

  /** When {@link tick} is to be called, at the latest; Infinity when there is nothing to wait for. */
  get deadline(): number {
    if (this.#state === 'closed') return Number.POSITIVE_INFINITY
    if (this.#isDue) return this.#now
    if (this.#state !== 'open') return Math.min(this.#closeAt, this.#closedAt)
    const { retransmitLimit, idleLimit } = this.#limits
    let deadline = Math.min(
      this.#sending.deadline,
      this.#sending.unacknowledgedSince + retransmitLimit,
      this.#acknowledgements.deadline,
      this.#keepAlive.deadline,
      this.#keepAlive.lastDeadline(retransmitLimit),
      this.#addressCheck?.deadline ?? Number.POSITIVE_INFINITY,
      this.#receiveFlows.deadline,
    )
    if (!this.#hasFlows) deadline = Math.min(deadline, this.#activeAt + idleLimit)
    if (!this.#ready.isEmpty) deadline = Math.min(deadline, this.#sending.nextAt)
    for (const flow of this.#sendFlows.values()) deadline = Math.min(deadline, flow.deadline)
    return deadline
  }

  get #hasFlows(): boolean {
    return this.#sendFlows.size > 0 || this.#receiveFlows.openCount > 0
  }

  openFlow(options: SendFlowOptions): SendFlow {
    if (this.#state !== 'open') throw new SessionOverError()
    this.#lastFlowId += 1
    const flow = new SendFlowMachine(this.#lastFlowId, options, this.#flowHost, this.#limits.sendBuffer)
    this.#sendFlows.set(flow.id, flow)
    return flow
  }

  /** Shows the far end that we have the keys, in the same packet as what else is sent now. */
  greet(): void {
    this.#tell(ping)
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
    this.#tellEnd(why)
  }

  /** Lets go of whoever has it: only the far end may still have to be told, or answered. */
  #tellEnd(why: SessionEnd): void {
    const { onEnd } = this
    this.onFlow = () => false
    this.onEnd = () => {}
    onEnd(why)
  }

  destroy(): void {
    this.breakOff('closed by us')
  }

  /** Ends it at once, telling the far end once. */
  breakOff(why: SessionEnd): void {
    if (this.#state === 'closed') return
    const wasOpen = this.#state === 'open'
    this.#state = 'closed'
    this.#sendAlone(closeAcknowledgement, this.#remote)
    this.#endFlows()
    this.#host.closed(this)
    if (wasOpen) this.#tellEnd(why)
  }

  #endFlows(): void {
    for (const flow of this.#sendFlows.values()) flow.end()
    this.#sendFlows.clear()
    this.#receiveFlows.end()
    this.#acknowledgements.clear()
    this.#ready.clear()
    this.#lastChunk = undefined
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
    grew: (bytes: number): void => {
      this.#queuedBytes += bytes
      this.#queued.grow(bytes)
    },
  }

  readonly #receiveHost = {
    acknowledgeSoon: (flow: ReceiveFlowMachine): void => {
      this.#acknowledge(flow, true)
    },
    grew: (bytes: number): void => this.#received.grow(bytes),
    isAnswerable: (flowId: number): boolean => this.#sendFlows.get(flowId)?.isOpen === true,
    takes: (flow: ReceiveFlowMachine): boolean => this.onFlow(flow),
  }

  /** Takes a datagram that has its session id. False for what is forged, broken, or has come before. */
  receive(datagram: Buffer, from: Endpoint, now: number): boolean {
    if (this.#state === 'closed') return false
    const reader = this.#opener.open(datagram)
    if (reader === undefined) return false
    const header = headerOf(reader)
    if (header === undefined || header.mode !== (this.isInitiator ? Mode.Responder : Mode.Initiator)) return false
    this.#now = now
    if (!this.#isProven) {
      this.#isProven = true
      this.#host.proven?.(this)
      if (!this.isOpen) return true
    }
    this.#bytesReceived += datagram.length
    this.#from = from
    this.#keepAlive.heard(now)
    if (!isSameEndpoint(from, this.#remote)) this.#elsewhere.heard(from, datagram.length)
    this.#takeHeader(header, now)
    this.#lastChunk = undefined
    this.#hasUserData = false
    this.#isCloseAnswered = false
    this.#sending.beginAcknowledgements(now)
    forEachChunk(reader, this.#take)
    if (this.#state !== 'open') return true
    if (this.#sending.endAcknowledgements() && !this.#ready.isEmpty) this.#wake()
    if (this.#hasUserData) this.#acknowledgements.received(now)
    if (this.#acknowledgements.isDue(now)) this.#wake()
    if (!isSameEndpoint(from, this.#remote)) this.#addressCheck?.begin(from, now)
    return true
  }

  #takeHeader(header: PacketHeader, now: number): void {
    const { timestamp, timestampEcho, timeCritical, timeCriticalReverse } = header
    if (timestamp !== undefined) this.#farClock.told(timestamp, now)
    if (timestampEcho !== undefined) this.#roundTrip.echoed(timestampEcho, now)
    if (timeCriticalReverse === true) this.#sending.reverseReceived(now)
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
        if (flow !== undefined) this.#acknowledge(flow, true)
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
    const flow = this.#receiveFlows.flowOf(chunk)
    const isUrgent = flow.take(chunk, this.#now)
    if (this.#receiveFlows.isCrowded) this.#forgetFlows()
    if (this.#state !== 'open') return
    this.#acknowledge(flow, isUrgent)
    if (!flow.isOpen) this.#receiveFlows.ended(this.#now)
  }

  /** Nobody who is honest ends so many flows in the time in which their last packets may be sent again. */
  #forgetFlows(): void {
    const age = Math.max(LEAST_MEMORY, TIMEOUTS_REMEMBERED * this.#roundTrip.timeout)
    this.#receiveFlows.forget(this.#now - age)
    if (this.#receiveFlows.isCrowded) this.breakOff('too many flows')
  }

  #acknowledge(flow: ReceiveFlowMachine, isUrgent: boolean): void {
    this.#acknowledgements.add(flow, this.#now, isUrgent)
    if (isUrgent) this.#wake()
  }

  #takeAcknowledgement(acknowledgement: Acknowledgement): void {
    const flow = this.#sendFlows.get(acknowledgement.flowId)
    if (flow === undefined) return
    if (flow.acknowledge(acknowledgement, this.#sending.acknowledged)) {
      this.#sending.told()
      if (this.#state === 'open' && flow.hasWork) this.#flowHost.wake(flow)
      return
    }
    this.#falseAcknowledgements += 1
    if (this.#falseAcknowledgements >= this.#limits.maxFalseAcknowledgements) this.breakOff('false acknowledgements')
  }

  #takePing(message: Buffer): void {
    if (!this.#pings.admits(message.length, this.#now)) return
    const isHere = isSameEndpoint(this.#from, this.#remote)
    // A new address is asked itself, which is an answer, too; there may be room for no other.
    if (!isHere && this.#addressCheck !== undefined) return
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
    this.#sending.moved()
    this.#wake()
  }

  #tell(chunk: Buffer, to?: Endpoint): void {
    if (this.#state !== 'open' || chunk.length > MOST_CONTROL) return
    this.#control.push({ chunk, to })
    this.#wake()
  }

  #takeCloseRequest(): void {
    // Once for each packet, however many it has.
    if (this.#isCloseAnswered || this.#state === 'closed') return
    this.#isCloseAnswered = true
    this.#sendAlone(closeAcknowledgement, this.#from)
    if (this.#state !== 'open') return
    this.#state = 'far close'
    this.#closedAt = this.#now + FAR_CLOSE
    this.#endFlows()
    this.#wake()
    this.#tellEnd('closed by the far end')
  }

  #takeCloseAcknowledgement(): void {
    if (this.#state === 'open') {
      this.breakOff('closed by the far end')
      return
    }
    if (this.#state === 'closed') return
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
    if (this.#endIfDead(now)) return
    this.#sending.tick(now)
    for (const flow of this.#sendFlows.values()) this.#tickFlow(flow, now)
    this.#receiveFlows.care(now)
    if (now >= this.#keepAlive.deadline) {
      this.#keepAlive.asked(now, this.#roundTrip.timeout)
      this.#control.push({ chunk: this.isInitiator ? longPing : ping, to: undefined })
    }
    const asked = this.#addressCheck?.due(now)
    if (asked !== undefined && this.#addressCheck !== undefined) {
      const question = this.#addressCheck.question(asked, now)
      if (
        this.#sendAlone(
          written(64, out => writePing(out, question)),
          asked,
        )
      )
        this.#addressCheck.sent()
    }
    if (this.#state === 'open') this.#flush(now)
  }

  #tickClosing(now: number): void {
    // Not before: the end may come while it takes an acknowledgement.
    this.#sending.end()
    this.#before.flow = undefined
    if (now >= this.#closedAt) {
      this.#state = 'closed'
      this.#host.closed(this)
    } else if (now >= this.#closeAt) {
      this.#closeAt = now + CLOSE_REPEAT
      this.#sendAlone(closeRequest, this.#remote)
    }
  }

  #endIfDead(now: number): boolean {
    const { retransmitLimit, idleLimit } = this.#limits
    if (now >= this.#sending.unacknowledgedSince + retransmitLimit) this.breakOff('no acknowledgement')
    else if (now >= this.#keepAlive.lastDeadline(retransmitLimit)) this.breakOff('no answer')
    else if (this.#hasFlows) this.#activeAt = now
    else if (now >= this.#activeAt + idleLimit) this.#closeInOrder('idle')
    return this.#state !== 'open'
  }

  #tickFlow(flow: SendFlowMachine, now: number): void {
    flow.tick(now)
    if (flow.probes(now, this.#roundTrip.timeout))
      this.#control.push({ chunk: written(16, out => writeBufferProbe(out, flow.id)), to: undefined })
  }

  #flush(now: number): void {
    for (let count = 0; this.#state === 'open'; count += 1) {
      const control = this.#control[0]
      if (control?.to !== undefined) {
        this.#control.shift()
        this.#sendAlone(control.chunk, control.to)
        continue
      }
      const isFree = !this.#ready.isEmpty && this.#sending.canSend
      const mustAcknowledge = this.#acknowledgements.isDue(now)
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
    this.#acknowledgements.write(writer)
    if (isFree && this.#writeFlows(writer, start, now))
      writer.bytes[flagsAt] = (writer.bytes[flagsAt] as number) | TIME_CRITICAL
    if (writer.position === start) return false
    this.#seal(writer, this.#remote)
    return true
  }

  #headerLength = 0

  /** A packet with its header. */
  #begin(now: number): ByteWriter {
    const writer = this.#sealer.begin(PACKET_LENGTH)
    const start = writer.position
    const echo = this.#farClock.echo(now)
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

  readonly #before: ChunkBefore = { flow: undefined, sequence: 0, forwardSequence: 0 }

  /** Fills a packet with what flows have. Returns whether something of it is time critical. */
  #writeFlows(writer: ByteWriter, start: number, now: number): boolean {
    const packet = this.#sending.begin(now)
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
    if (packet.first === undefined) return false
    this.#sending.sent(packet, now, isTimeCritical)
    return isTimeCritical
  }

  /** False, and nothing is sent, where it is too much for an address that is not known to be the far end's. */
  #sendAlone(chunk: Buffer, to: Endpoint): boolean {
    const most = this.#sealer.overhead + MAX_HEADER_LENGTH + chunk.length + PADDING
    if (!isSameEndpoint(to, this.#remote) && !this.#elsewhere.admits(to, most)) return false
    this.#seal(this.#begin(this.#now).put(chunk), to)
    return true
  }

  #seal(writer: ByteWriter, to: Endpoint): void {
    const datagram = this.#sealer.seal(this.#farSessionId, writer)
    this.#bytesSent += datagram.length
    this.#keepAlive.sent(this.#now)
    this.#host.send(datagram, to)
  }
}

const ping: Buffer = written(CHUNK_HEADER_LENGTH, out => writePing(out, Buffer.alloc(0)))
/**
 * Of an end that may have moved without knowing it: long enough that the far end may ask its new address three times, which
 * must not be more than three times what came from there.
 */
const longPing: Buffer = written(CHUNK_HEADER_LENGTH + 64, out => writePing(out, Buffer.alloc(64)))
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
