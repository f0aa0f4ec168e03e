import type { OutgoingMessage, SendFlow } from '../contract/flow.ts'
import { Deque } from '../flow/deque.ts'
import type { FlowMessage } from './flow-message.ts'

/** Milliseconds within which a message has to begin, and those that it may take longer to arrive. */
const VIDEO_START = 2_000
const AUDIO_START = 2_200
const FINISH = 100
/** Milliseconds that a picture has though the next keyframe has come: several groups may be written at once. */
const LEAST_AGE = 1_000

/** Milliseconds of media after a refusal in which no other flow is tried. */
const REFUSED = 500
/** Headers that are kept for the case of a refusal, and bytes of each. */
const MOST_HEADERS = 8
const LONGEST_HEADER = 65_536

const audio = { startWithin: AUDIO_START, finishWithin: AUDIO_START + FINISH }

/**
 * Live media on a flow for sending: what comes too late is given up, and with a picture all that need it. Commands, metadata
 * and headers are sent for as long as it takes.
 */
export class MediaFlow {
  readonly flow: SendFlow
  /** How many commands of the stream it is in order with. */
  commands = 0
  /** Pictures since the last keyframe, from the first that is still on its way. */
  readonly #group = new Deque<OutgoingMessage>()
  /** The picture that the next one needs. */
  #last: OutgoingMessage | undefined
  /** What decoders need first, in the order in which it was sent last. */
  #headers: FlowMessage[] = []
  #refusedAt: number | undefined

  constructor(flow: SendFlow) {
    this.flow = flow
  }

  /** Sends what is worth nothing later on, unless it `isKept`. False for what is given up at once: the picture that it needs was. */
  send(message: FlowMessage, isKept: boolean): boolean {
    const { parts, worth } = message
    if (worth === 'for ever') this.#keepHeader(message)
    if (worth === 'for ever' || isKept) this.flow.write(parts)
    else if (worth === 'audio') this.flow.write(parts, audio)
    else {
      if (worth === 'keyframe') this.#beginGroup()
      const after = this.#last
      const picture = this.flow.write(parts, { startWithin: VIDEO_START, finishWithin: VIDEO_START + FINISH, after })
      if (worth !== 'disposable') this.#last = picture
      this.#add(picture)
      return picture.state !== 'abandoned' || !this.flow.isOpen
    }
    return true
  }

  #keepHeader(message: FlowMessage): void {
    const [, payload] = message.parts
    if (message.kind === 'data' || payload === undefined || payload.length > LONGEST_HEADER) return
    const others = this.#headers.filter(({ parts: [, other] }) => other === undefined || !isSame(payload, other))
    this.#headers = [...others, message].slice(-MOST_HEADERS)
  }

  /**
   * Of a flow that was refused: whether another one may begin with this message. Not more often than twice a second, and
   * pictures begin with a keyframe.
   */
  mayBeginAgain({ kind, worth }: FlowMessage, timestamp: number): boolean {
    this.#refusedAt ??= timestamp
    if (Math.abs((timestamp - this.#refusedAt) | 0) < REFUSED) return false
    return kind !== 'video' || worth === 'keyframe'
  }

  /** Begins with the headers of a flow that was refused. */
  inherit(refused: MediaFlow): void {
    this.#headers = refused.#headers
    for (const { parts } of this.#headers) this.flow.write(parts)
  }

  /** Nobody needs the pictures before a keyframe much longer. */
  #beginGroup(): void {
    for (let picture = this.#group.shift(); picture !== undefined; picture = this.#group.shift())
      picture.finishWithin(FINISH, LEAST_AGE)
    this.#last = undefined
  }

  #add(picture: OutgoingMessage): void {
    for (let { first } = this.#group; first !== undefined && isSettled(first); { first } = this.#group)
      this.#group.shift()
    this.#group.push(picture)
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0
}

function isSettled({ state }: OutgoingMessage): boolean {
  return state === 'delivered' || state === 'abandoned'
}
