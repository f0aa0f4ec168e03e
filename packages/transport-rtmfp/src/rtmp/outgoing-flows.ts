import {
  type MessageBatch,
  MessageType,
  parseUserControl,
  type RtmpMessage,
  UsageError,
  userControl,
} from '@rtmpipe/chunk-stream'
import type { OutgoingMessage, Priority, SendFlow } from '../contract/flow.ts'
import type { OpenSession } from '../contract/session.ts'
import { deletedStream, isUnpublish } from './ending-commands.ts'
import { type FlowKind, type FlowMessage, flowMessage, flowMessages } from './flow-message.ts'
import { MediaFlow } from './media-flow.ts'
import { flowMetadata } from './metadata.ts'

/** What happens to our flows. */
export interface OutgoingEvents {
  /** There is room again. */
  room(): void
  /** A message has been delivered or given up. */
  settled(): void
  /** The far end has dropped the NetConnection. */
  refused(): void
  /** A client's command on a stream will not arrive. */
  commandRefused(): void
}

/** Sound first: a gap in it is noticed most, and it is small. Commands wait for no picture. */
const priorities: Readonly<Record<FlowKind, Priority>> = { audio: 6, data: 5, video: 4 }

/** The flows of one message stream. */
class StreamFlows {
  readonly flows = new Map<FlowKind, MediaFlow>()
  commands = 0
  lastCommand: OutgoingMessage | undefined
  /** A picture was sent. */
  hasBegun = false
}

const noFlows = new StreamFlows()
/** Streams that are over and remembered: what is still said of them comes soon, if at all. */
const MOST_ENDED = 64

/**
 * Our half of the tree of flows (RFC 7425 §5.3): one for control, and for each stream those that are needed. A command keeps its
 * place among the media of its stream: flows that carry something it could overtake, or be overtaken by, are synchronized.
 */
export class OutgoingFlows {
  readonly #session: OpenSession
  readonly #events: OutgoingEvents
  readonly #streams = new Map<number, StreamFlows>()
  /** A server's, which gives each id once. */
  readonly #ended = new Set<number>()
  /** Those that are not over. */
  readonly #open = new Set<SendFlow>()
  #control: SendFlow | undefined
  #lastSync = 0
  #dropped = 0
  #whenClosed: (() => void) | undefined
  /** Id of the far end's control flow, which all but a client's own control flow answer. */
  association: number | undefined

  constructor(session: OpenSession, events: OutgoingEvents) {
    this.#session = session
    this.#events = events
  }

  /** Bytes that have not been delivered or given up. */
  get bufferedBytes(): number {
    let bytes = 0
    for (const flow of this.#open) bytes += flow.bufferedBytes
    return bytes
  }

  /** When the oldest message of which nothing has been sent was written; undefined if there is none. */
  get oldestQueuedAt(): number | undefined {
    let oldest: number | undefined
    for (const { oldestQueuedAt: at } of this.#open)
      if (at !== undefined && (oldest === undefined || at < oldest)) oldest = at
    return oldest
  }

  /** Messages that were given up, as they were late. */
  get dropped(): number {
    return this.#dropped
  }

  /** Sends what may be given up when it is late. @throws UsageError `RTMP_ERR_MESSAGE_TOO_LONG`, `RTMP_ERR_USAGE` */
  send(message: RtmpMessage): void {
    this.#sendOn(message.messageStreamId, message, flowMessage(message))
  }

  /** Sends what is never given up. Returns whether there is room for more. */
  write(message: RtmpMessage): boolean {
    return this.#sendOn(message.messageStreamId, message, flowMessage(message), true)
  }

  sendBatch(batch: MessageBatch, messageStreamId: number): void {
    const messages = flowMessages(batch)
    let index = 0
    for (const message of batch.lentMessages) {
      this.#sendOn(messageStreamId, message, messages[index] as FlowMessage)
      index += 1
    }
  }

  #sendOn(streamId: number, message: RtmpMessage, encoded: FlowMessage, isKept = false): boolean {
    if (streamId === 0) return this.#sendControl(message, encoded)
    if (this.#ended.has(streamId)) return this.#sendAfterEnd(streamId, encoded)
    const stream = this.#streamOf(streamId)
    let target = this.#flowOf(streamId, stream, encoded.kind)
    const isOfCommand = isCommand(message)
    if (target.flow.isRefused) {
      if (!isOfCommand && !target.mayBeginAgain(encoded, message.timestamp)) {
        this.#dropped += 1
        return true
      }
      target = this.#beginAgain(streamId, stream, encoded.kind, target)
    }
    if (isOfCommand) {
      this.#fence(target.flow, stream)
      stream.commands += 1
      target.commands = stream.commands
      stream.lastCommand = target.flow.write(encoded.parts)
      return target.flow.hasRoom
    }
    if (target.commands !== stream.commands) {
      target.commands = stream.commands
      const data = stream.flows.get('data')
      if (data !== undefined && data !== target) this.#synchronize([data.flow, target.flow])
    }
    if (!target.send(encoded, isKept)) this.#dropped += 1
    if (encoded.worth === 'keyframe' && !stream.hasBegun) this.#begin(stream, target.flow)
    return target.flow.hasRoom
  }

  /** Sound that was sent after the first picture does not come before it: a time that begins with it would begin too late. */
  #begin(stream: StreamFlows, video: SendFlow): void {
    stream.hasBegun = true
    const audio = stream.flows.get('audio')
    if (audio !== undefined) this.#synchronize([video, audio.flow])
  }

  #sendControl(message: RtmpMessage, { parts }: FlowMessage): boolean {
    const control = this.#controlFlow
    if (control === undefined) return true
    const deleted = deletedStream(message)
    const ending = deleted ?? endingStream(message)
    if (isUnpublish(message)) this.#fence(control, ...this.#streams.values())
    else if (ending !== undefined) this.#fence(control, this.#streams.get(ending) ?? noFlows)
    control.write(parts)
    if (deleted !== undefined) this.closeStream(deleted)
    return control.hasRoom
  }

  /** Of a stream that is over, last words arrive, and media do not. No flow stays that nobody would close. */
  #sendAfterEnd(streamId: number, { kind, parts }: FlowMessage): boolean {
    if (kind !== 'data') return true
    const flow = this.#openFlow(streamId, kind, this.association)
    flow.write(parts)
    flow.close()
    return true
  }

  /** Undefined where nobody has come who could be told. */
  get #controlFlow(): SendFlow | undefined {
    if (!this.#session.isInitiator && this.association === undefined) return undefined
    this.#control ??= this.#openFlow(0, 'data', this.#session.isInitiator ? undefined : this.association)
    return this.#control
  }

  #streamOf(streamId: number): StreamFlows {
    let stream = this.#streams.get(streamId)
    if (stream === undefined) {
      stream = new StreamFlows()
      this.#streams.set(streamId, stream)
    }
    return stream
  }

  #flowOf(streamId: number, stream: StreamFlows, kind: FlowKind): MediaFlow {
    let flow = stream.flows.get(kind)
    if (flow === undefined) {
      if (this.association === undefined)
        throw new UsageError('RTMP_ERR_USAGE', 'nothing can be sent on a stream before the server has answered')
      flow = new MediaFlow(this.#openFlow(streamId, kind, this.association))
      stream.flows.set(kind, flow)
    }
    return flow
  }

  /** The far end may take another flow: most refuse one for a message that is too long for them. */
  #beginAgain(streamId: number, stream: StreamFlows, kind: FlowKind, refused: MediaFlow): MediaFlow {
    stream.flows.delete(kind)
    const flow = this.#flowOf(streamId, stream, kind)
    flow.inherit(refused)
    return flow
  }

  #openFlow(streamId: number, kind: FlowKind, association: number | undefined): SendFlow {
    // Those who wait for room in it wait for whatever comes next.
    const over = () => {
      this.#open.delete(flow)
      this.#events.room()
      this.#closeNext()
    }
    /** Its stream is not over. */
    const isWanted = () => this.#streams.get(streamId)?.flows.get(kind)?.flow === flow
    const flow: SendFlow = this.#session.openFlow({
      metadata: flowMetadata({ streamId, isUnordered: false }),
      association,
      priority: priorities[kind],
      onRoom: () => this.#events.room(),
      // What goes with a flow or a session that is over is not late.
      onSettled: ({ state }) => {
        if (state === 'abandoned' && (flow.isOpen || (flow.isRefused && isWanted()))) this.#dropped += 1
        this.#events.settled()
      },
      onComplete: over,
      onException: () => {
        const lost = isWanted() && kind === 'data' ? this.#streams.get(streamId)?.lastCommand : undefined
        over()
        if (flow === this.#control) this.#events.refused()
        else if (this.#session.isInitiator && lost?.state === 'abandoned') this.#events.commandRefused()
      },
    })
    this.#open.add(flow)
    return flow
  }

  /** What is written to `flow` next comes out after all media of these streams. */
  #fence(flow: SendFlow, ...streams: readonly StreamFlows[]): void {
    const flows = [flow]
    for (const stream of streams) {
      for (const media of stream.flows.values()) if (media.flow !== flow && isBusy(media.flow)) flows.push(media.flow)
    }
    this.#synchronize(flows)
  }

  /** Where nothing is left to deliver, there is nothing to put in order. */
  #synchronize(flows: readonly SendFlow[]): void {
    if (flows.length < 2 || !flows.some(isBusy)) return
    this.#lastSync += 1
    const sync = flowMessage(userControl({ type: 'FlowSync', syncId: this.#lastSync, count: flows.length }))
    for (const flow of flows) flow.write(sync.parts)
  }

  /** A stream is over: what was sent on it is still delivered. */
  closeStream(streamId: number): void {
    const stream = this.#streams.get(streamId)
    this.#streams.delete(streamId)
    if (!this.#session.isInitiator) this.#remember(streamId)
    for (const { flow } of stream?.flows.values() ?? []) flow.close()
  }

  #remember(streamId: number): void {
    this.#ended.add(streamId)
    const [oldest] = this.#ended
    if (this.#ended.size > MOST_ENDED && oldest !== undefined) this.#ended.delete(oldest)
  }

  /** Closes all, control last: it says that nothing more will come. @param closed everything is settled */
  close(closed: () => void): void {
    this.#whenClosed = closed
    for (const streamId of this.#streams.keys()) this.closeStream(streamId)
    this.#closeNext()
  }

  #closeNext(): void {
    if (this.#whenClosed === undefined) return
    const [first, ...others] = this.#open
    if (first !== undefined && first === this.#control && others.length === 0 && first.isOpen) first.close()
    if (this.#open.size > 0) return
    const closed = this.#whenClosed
    this.#whenClosed = undefined
    closed()
  }

  /** Gives up everything. */
  abandon(): void {
    for (const flow of this.#open) flow.abandon()
    this.end()
  }

  /** The session is over. */
  end(): void {
    this.#open.clear()
    this.#closeNext()
  }
}

function isBusy(flow: SendFlow): boolean {
  return flow.isOpen && flow.bufferedBytes > 0
}

function isCommand({ messageTypeId }: RtmpMessage): boolean {
  return messageTypeId === MessageType.CommandAmf0 || messageTypeId === MessageType.CommandAmf3
}

/** The stream whose end a user control message tells. */
function endingStream({ messageTypeId, payload }: RtmpMessage): number | undefined {
  if (messageTypeId !== MessageType.UserControl) return undefined
  const event = parseUserControl(payload)
  return event?.type === 'StreamEof' ? event.messageStreamId : undefined
}
