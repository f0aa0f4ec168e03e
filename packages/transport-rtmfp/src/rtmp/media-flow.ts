import type { OutgoingMessage, SendFlow } from '../contract/flow.ts'
import { Deque } from '../flow/deque.ts'
import type { FlowMessage } from './flow-message.ts'

/** Milliseconds within which a message has to begin, and those that it may take longer to arrive. */
const VIDEO_START = 2_000
const AUDIO_START = 2_200
const FINISH = 100
/** Milliseconds that a picture has though the next keyframe has come: several groups may be written at once. */
const LEAST_AGE = 1_000

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

  constructor(flow: SendFlow) {
    this.flow = flow
  }

  /** Sends what is worth nothing later on. False for what is given up at once: the picture that it needs was. */
  send({ parts, worth }: FlowMessage): boolean {
    if (worth === 'for ever') this.flow.write(parts)
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

function isSettled({ state }: OutgoingMessage): boolean {
  return state === 'delivered' || state === 'abandoned'
}
