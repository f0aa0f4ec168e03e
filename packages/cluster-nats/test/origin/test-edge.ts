import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { type BusMessage, nobody } from '../../src/contract/bus.ts'
import { type Frame, FrameKind, type FramedMessage } from '../../src/wire/frame.ts'
import { FragmentBudget, Fragments } from '../../src/wire/fragments.ts'
import { type BusyAnswer, isAnswer, type JoinAnswer, joinMessage, parseAnswer } from '../../src/wire/join-messages.ts'
import { parseFrame, parseMessage, parseSnapshot } from '../../src/wire/parse-frame.ts'
import { subjects } from '../../src/wire/subjects.ts'
import type { TestBus } from '../support/test-bus.ts'
import { TestClock } from '../support/test-clock.ts'

interface Snapshot {
  readonly seq: number
  readonly flags: number
  readonly headers: number
  readonly messages: readonly FramedMessage[]
  readonly isShared: boolean
}

/** Takes all that an origin sends, as far as an origin's test looks at it. */
export class TestEdge {
  readonly node: string
  readonly answers: (JoinAnswer | BusyAnswer | typeof nobody)[] = []
  readonly snapshots: Snapshot[] = []
  /** Of media, in order. */
  readonly frames: Frame[] = []
  /** By number. */
  readonly live = new Map<number, FramedMessage>()
  readonly #bus: TestBus
  readonly #sid: string
  readonly #ends: (() => void)[]
  readonly #budget = new FragmentBudget()
  readonly #clock = new TestClock()

  constructor(bus: TestBus, sid: string, node: string) {
    this.node = node
    this.#bus = bus
    this.#sid = sid
    const [media, shared] = [this.#fragments(), this.#fragments()]
    this.#ends = [
      bus.subscribe(subjects.allMedia(sid), ({ payload }) => this.#takeMedia(parseFrame(payload), media)),
      bus.subscribe(subjects.allSnapshots(sid), ({ payload }) => this.#takeSnapshot(payload, shared, true)),
    ]
  }

  join(more: { max?: number; renew?: boolean; leave?: boolean } = {}): void {
    const inbox = this.#fragments()
    const take = (answer: BusMessage | typeof nobody) => {
      if (answer === nobody) this.answers.push(answer)
      else if (isAnswer(answer.payload)) this.answers.push(parseAnswer(answer.payload))
      else this.#takeSnapshot(answer.payload, inbox, false)
    }
    const request = joinMessage({ node: this.node, join: 'a', ...more })
    this.#ends.push(this.#bus.ask(subjects.joins(this.#sid), request, take))
  }

  leave(): void {
    this.join({ leave: true })
    this.gone()
  }

  /** Without a word. */
  gone(): void {
    for (const end of this.#ends.splice(0)) end()
  }

  /** What somebody sees who begins with that snapshot. @throws Error when something is missing */
  seen(snapshot: Snapshot | undefined = this.snapshots[0]): RtmpMessage[] {
    if (snapshot === undefined) throw new Error('no snapshot')
    const seen: RtmpMessage[] = [...snapshot.messages]
    const last = Math.max(0, ...this.live.keys())
    for (let seq = snapshot.seq + 1; seq <= last; seq += 1) {
      const message = this.live.get(seq)
      if (message === undefined) throw new Error(`message ${seq} is missing`)
      seen.push(message)
    }
    return seen
  }

  #fragments(): Fragments {
    return new Fragments(this.#clock, this.#budget)
  }

  #takeSnapshot(payload: Buffer, fragments: Fragments, isShared: boolean): void {
    const frame = parseFrame(payload)
    if (frame.kind !== FrameKind.Snapshot) throw new Error('a frame that is no snapshot')
    const whole = fragments.add(frame)
    if (whole === undefined) return
    const { seq, flags, headers } = frame
    this.snapshots.push({ seq, flags, headers, messages: parseSnapshot(whole), isShared })
  }

  #takeMedia(frame: Frame, fragments: Fragments): void {
    this.frames.push(frame)
    if (frame.kind === FrameKind.Media) this.#add(frame.seq, frame.messages)
    else if (frame.kind === FrameKind.Fragment) {
      const whole = fragments.add(frame)
      if (whole !== undefined) this.#add(frame.seq, [parseMessage(whole)])
    }
  }

  #add(seq: number, messages: readonly FramedMessage[]): void {
    for (const [index, message] of messages.entries()) this.live.set(seq + index, message)
  }
}
