import {
  type ByteReader,
  ChunkType,
  forEachChunk,
  Mode,
  readFlowMessage,
  readNextUserData,
  readUserData,
  ReplayWindow,
  sessionIdOf,
  type UserData,
  WireError,
} from '@rtmpipe/transport-rtmfp/wire'
import type { Body } from '../body/body.ts'
import type { ComplaintCode } from '../complaint-code.ts'
import type { Endpoints } from '../connection-dump.ts'
import { messageFields } from '../message-fields.ts'
import { MessageReader } from '../message-reader.ts'
import { Names } from '../names.ts'
import type { DumpOptions } from '../options.ts'
import { printable } from '../printable.ts'
import type { DumpRecord, Place } from '../record.ts'
import { chunkName } from './chunk-name.ts'
import { FlowDump, type FlowReader } from './flow-dump.ts'
import type { OpenedPacket } from './opened-packet.ts'
import { sessionBody, userDataBody } from './session-body.ts'
import { sessionIdText, startupBody } from './startup-body.ts'

/** Flows of one side that are followed. */
const maxFlows = 1_000

type Side = 'client' | 'server'

/** A datagram as it was captured. */
export interface CapturedDatagram {
  readonly payload: Buffer
  /** Address and port that it came from. */
  readonly source: string
  readonly capturedAt: number | undefined
}

/** What one side has sent. */
interface Sent {
  offset: number
  packets: number
  unopened: number
  messages: number
  readonly flows: Map<number, FlowDump>
  readonly seen: ReplayWindow
  /** The user data before, in the same packet. */
  before: UserData | undefined
}

/** One session of RTMFP, with what was sent to open it: client is who asked for it. */
export class SessionDump {
  readonly endpoints: Endpoints
  readonly #connection: number
  readonly #names: Names
  readonly #reader: MessageReader
  readonly #options: DumpOptions
  readonly #emit: (record: DumpRecord) => void
  readonly #sent: Record<Side, Sent> = { client: nothing(), server: nothing() }
  /** Without keys no packet of a session can be read, which is told once. */
  #isEncryptionTold = false
  #capturedAt: number | undefined

  constructor(
    connection: number,
    endpoints: Endpoints,
    capturedAt: number | undefined,
    options: DumpOptions,
    emit: (record: DumpRecord) => void,
  ) {
    this.endpoints = endpoints
    this.#connection = connection
    this.#names = new Names(options.showNames === true)
    this.#reader = new MessageReader(this.#names, true, 'flows')
    this.#options = options
    this.#emit = emit
    const time = capturedAt !== undefined && { capturedAt }
    emit({ kind: 'connection', connection, ...endpoints, ...time, protocol: 'rtmfp' })
  }

  /** Whose packet it is, by addresses of which one may have changed. */
  sideOf(source: string, destination: string): Side {
    return source === this.endpoints.client || destination === this.endpoints.server ? 'client' : 'server'
  }

  /** A packet that a key has opened. */
  opened(from: Side, datagram: CapturedDatagram, packet: OpenedPacket): void {
    const { header, chunks, number } = packet
    const { mode, timestamp, timestampEcho, timeCritical, timeCriticalReverse } = header
    const sent = this.#sent[from]
    const isCopy = number !== undefined && !sent.seen.isNew(number)
    if (number !== undefined && !isCopy) sent.seen.add(number)
    const offset = this.#begin(from, datagram)
    this.#emit({
      kind: 'packet',
      ...this.#place(from, offset),
      ...this.#fieldsOf(from, datagram),
      opened: true,
      mode: mode === Mode.Startup ? 'startup' : mode === Mode.Initiator ? 'initiator' : 'responder',
      ...(number !== undefined && { number, copy: isCopy }),
      ...(timestamp !== undefined && { timestamp }),
      ...(timestampEcho !== undefined && { timestampEcho }),
      timeCritical: timeCritical === true,
      timeCriticalReverse: timeCriticalReverse === true,
    })
    sent.before = undefined
    const startup = mode === Mode.Startup
    forEachChunk(chunks, (typeId, chunk) => this.#chunk(from, offset, typeId, startup, chunk))
  }

  /** A packet that no key opens. */
  unopened(from: Side, datagram: CapturedDatagram, complaint: ComplaintCode, text: string): void {
    const offset = this.#begin(from, datagram)
    this.#sent[from].unopened++
    this.#emit({ kind: 'packet', ...this.#place(from, offset), ...this.#fieldsOf(from, datagram), opened: false })
    if (complaint === 'encrypted') {
      if (this.#isEncryptionTold) return
      this.#isEncryptionTold = true
    }
    this.#complain(from, offset, complaint, text)
  }

  /** No more packets. */
  end(): void {
    for (const from of ['client', 'server'] as const) {
      const sent = this.#sent[from]
      const { offset, packets, unopened } = sent
      let inside = false
      for (const [flowId, flow] of sent.flows) inside = flow.end(this.#flowReader(from, offset, flowId)) || inside
      const { messages } = sent
      const place = this.#place(from, offset)
      this.#emit({ kind: 'end', ...place, messages, inside: inside ? 'message' : null, packets, unopened })
    }
  }

  /** Where the packet stands. */
  #begin(from: Side, { payload, capturedAt }: CapturedDatagram): number {
    this.#capturedAt = capturedAt
    const sent = this.#sent[from]
    const { offset } = sent
    sent.offset += payload.length
    sent.packets++
    return offset
  }

  #fieldsOf(
    from: Side,
    { payload, source }: CapturedDatagram,
  ): { readonly length: number; readonly sessionId: string | null; readonly address?: string } {
    const id = sessionIdOf(payload)
    return {
      length: payload.length,
      sessionId: id === undefined ? null : sessionIdText(id),
      ...(source !== this.endpoints[from] && { address: source }),
    }
  }

  #chunk(from: Side, offset: number, typeId: number, startup: boolean, chunk: ByteReader): void {
    const length = chunk.left
    const type = chunkName(typeId)
    const tell = (body: Body): void =>
      this.#emit({ kind: 'rtmfp-chunk', ...this.#place(from, offset), typeId, type, length, startup, body })
    try {
      if (typeId === ChunkType.UserData || typeId === ChunkType.NextUserData) {
        const { before } = this.#sent[from]
        const data = typeId === ChunkType.UserData ? readUserData(chunk) : readNextUserData(chunk, before)
        this.#sent[from].before = data
        this.#userData(from, offset, data, tell)
      } else tell(startupBody(typeId, chunk, this.#names) ?? sessionBody(typeId, chunk))
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      if (typeId === ChunkType.UserData) this.#sent[from].before = undefined
      tell({})
      this.#complain(from, offset, 'rtmfp-chunk-form', `unreadable ${type}: ${error.message}`)
    }
  }

  #userData(from: Side, offset: number, data: UserData, tell: (body: Body) => void): void {
    const { flows } = this.#sent[from]
    const { flowId, sequence, forwardSequence } = data
    const known = flows.get(flowId)
    tell(userDataBody(data, known?.has(sequence) === true))
    if (known === undefined && flows.size >= maxFlows) return
    const flow = known ?? new FlowDump()
    if (known === undefined) flows.set(flowId, flow)
    flow.push(data, offset, this.#flowReader(from, offset, flowId))
    if (known !== undefined || forwardSequence === 0 || flow.metadata !== undefined) return
    this.#complain(
      from,
      offset,
      'capture-joined',
      `flow ${flowId} begins before the capture: its messages are not told`,
    )
  }

  /** @param at where the packet stands that tells of a gap */
  #flowReader(from: Side, at: number, flowId: number): FlowReader {
    return {
      message: (bytes, messageStreamId, offset) => this.#message(from, offset, bytes, flowId, messageStreamId),
      gap: messageStreamId => this.#emit({ kind: 'gap', ...this.#place(from, at), flowId, messageStreamId }),
    }
  }

  #message(from: Side, offset: number, bytes: Buffer, flowId: number, messageStreamId: number): void {
    const message = readFlowMessage(bytes, messageStreamId)
    if (message === undefined) {
      const text = `a message of ${bytes.length} bytes has no type and timestamp`
      return this.#complain(from, offset, 'rtmfp-message-form', text)
    }
    const complaints: [ComplaintCode, string][] = []
    const { body } = this.#reader.read(from, message, undefined, (code, text) => complaints.push([code, text]))
    this.#sent[from].messages++
    this.#emit({
      kind: 'message',
      ...this.#place(from, offset),
      flowId,
      ...messageFields(message, body, this.#names, this.#options.hex),
    })
    for (const [code, text] of complaints) this.#complain(from, offset, code, text)
  }

  #complain(from: Side, offset: number, code: ComplaintCode, text: string): void {
    this.#emit({
      kind: 'complaint',
      ...this.#place(from, offset),
      code,
      text: printable(this.#names.text(text)),
      fatal: false,
    })
  }

  #place(from: Side, offset: number): Place {
    const capturedAt = this.#capturedAt
    return { connection: this.#connection, from, offset, ...(capturedAt !== undefined && { capturedAt }) }
  }
}

function nothing(): Sent {
  return {
    offset: 0,
    packets: 0,
    unopened: 0,
    messages: 0,
    flows: new Map(),
    seen: new ReplayWindow(),
    before: undefined,
  }
}
