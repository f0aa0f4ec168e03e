import { type BusMessage, nobody } from '../contract/bus.ts'
import { FrameError } from '../wire/errors.ts'
import { isAnswer, type JoinAnswer, joinMessage, parseAnswer } from '../wire/join-messages.ts'
import { FrameKind } from '../wire/frame.ts'
import { epochIn, subjects } from '../wire/subjects.ts'
import type { Edge } from './edge.ts'
import { type Arrival, FrameReader } from './frame-reader.ts'
import { answerTimeout, maxAge, otherAnswerTime, snapshotTimeout } from './limits.ts'

/** Who asks. */
export interface QuestionOutput {
  /** A frame of whatever publish of the name. */
  media(epoch: number, payload: Buffer): void
  /** Whoever publishes it is going to send a snapshot. */
  answered(): void
  /** Whether the publish of that epoch is wanted. */
  isWanted(epoch: number): boolean
  /** @returns whether it has been taken */
  snapshot(epoch: number, arrival: Arrival): boolean
  /** A snapshot has been taken, and nobody with a greater epoch has answered. */
  settled(): void
  /** Nobody publishes the name. */
  nobody(): void
  /** There is no snapshot for now. @param retryAfter milliseconds, if the origin has said so */
  refused(retryAfter: number | undefined): void
}

/**
 * Asks for a name once, and listens to whoever publishes it until it is ended. Of several origins that answer, the one with
 * the greatest epoch is right.
 */
export class JoinQuestion {
  readonly #edge: Edge
  readonly #sid: string
  readonly #request: Buffer
  readonly #output: QuestionOutput
  readonly #askedAt: number
  /** Of snapshots that are for others too, by epoch. */
  readonly #shared = new Map<number, FrameReader>()
  readonly #readers: FrameReader[] = []
  readonly #asks: (() => void)[] = []
  readonly #ends: (() => void)[] = []
  #best: JoinAnswer | undefined
  #isSettling = false
  #isOver = false
  #wasUnwanted = false
  #stopTimer = (): void => {}

  /** @param join id of this join */
  constructor(edge: Edge, sid: string, join: string, output: QuestionOutput) {
    this.#edge = edge
    this.#sid = sid
    this.#request = joinMessage({ node: edge.node, join })
    this.#output = output
    this.#askedAt = edge.clock.now()
    const bus = edge.carrier.media(sid)
    // First, so that nothing is missed between the snapshot and what follows.
    this.#ends.push(
      bus.subscribe(subjects.allMedia(sid), message => this.#takeMedia(message)),
      bus.subscribe(subjects.allSnapshots(sid), message => this.#takeShared(message)),
    )
    this.#send()
    this.#wait(answerTimeout, () => {
      this.#send()
      this.#wait(answerTimeout, () => this.#refuse(undefined))
    })
  }

  /** Epoch of the best answer. */
  get answered(): number | undefined {
    return this.#best?.epoch
  }

  /** Whether somebody has answered who is not wanted, and nobody else. */
  get wasUnwanted(): boolean {
    return this.#wasUnwanted && this.#best === undefined
  }

  /** Listens to publishes alone. */
  stop(): void {
    this.#isOver = true
    this.#stopTimer()
    for (const end of this.#asks.splice(0)) end()
    for (const reader of this.#readers) reader.clear()
  }

  /** Listens no more. */
  end(): void {
    this.stop()
    for (const end of this.#ends.splice(0)) end()
  }

  #send(): void {
    const bus = this.#edge.carrier.media(this.#sid)
    const inbox = this.#newReader()
    this.#asks.push(bus.ask(subjects.joins(this.#sid), this.#request, answer => this.#take(answer, inbox)))
  }

  #wait(milliseconds: number, then: () => void): void {
    this.#stopTimer()
    this.#stopTimer = this.#edge.clock.after(milliseconds, then)
  }

  #newReader(): FrameReader {
    const reader = new FrameReader(this.#edge.clock, this.#edge.memory.fragments)
    this.#readers.push(reader)
    return reader
  }

  #take(answer: BusMessage | typeof nobody, inbox: FrameReader): void {
    if (this.#isOver) return
    if (answer === nobody) {
      if (this.#best === undefined) this.#output.nobody()
    } else if (isAnswer(answer.payload)) this.#takeAnswer(answer.payload)
    else this.#takeSnapshot(undefined, inbox.read(answer.payload))
  }

  #takeAnswer(payload: Buffer): void {
    const answer = answerIn(payload)
    if (answer === undefined) return
    if ('retryAfter' in answer) {
      if (this.#best === undefined) this.#refuse(answer.retryAfter)
    } else if (!this.#output.isWanted(answer.epoch)) this.#wasUnwanted = true
    else if (answer.epoch >= (this.#best?.epoch ?? 0)) {
      if (this.#isSettling && answer.epoch === this.#best?.epoch) return
      this.#best = answer
      this.#isSettling = false
      this.#output.answered()
      this.#wait(snapshotTimeout, () => this.#refuse(undefined))
    }
  }

  #takeMedia({ subject, payload }: BusMessage): void {
    const epoch = epochIn(subject)
    if (epoch !== undefined) this.#output.media(epoch, payload)
  }

  #takeShared({ subject, payload }: BusMessage): void {
    const epoch = epochIn(subject)
    if (this.#isOver || epoch === undefined || epoch !== this.#best?.epoch) return
    const reader = this.#shared.get(epoch) ?? this.#newReader()
    this.#shared.set(epoch, reader)
    this.#takeSnapshot(epoch, reader.read(payload))
  }

  /** @param epoch undefined of one that has come to us alone */
  #takeSnapshot(epoch: number | undefined, arrival: Arrival | undefined): void {
    const best = this.#best
    if (arrival?.kind !== FrameKind.Snapshot || best === undefined || this.#isSettling) return
    // Another origin may have sent it, whose answer was not the best; or it is one that was made before we asked.
    const isIt = epoch === undefined ? arrival.seq === best.seq : ((arrival.seq - best.seq) | 0) >= 0
    // A process that stood still gets what was sent to it before.
    if (isIt && this.#edge.clock.now() - this.#askedAt > maxAge) return this.#refuse(undefined)
    if (!isIt || !this.#output.snapshot(best.epoch, arrival)) return
    this.#isSettling = true
    this.#wait(otherAnswerTime, () => this.#output.settled())
  }

  #refuse(retryAfter: number | undefined): void {
    this.#output.refused(retryAfter)
  }
}

function answerIn(payload: Buffer): ReturnType<typeof parseAnswer> | undefined {
  try {
    return parseAnswer(payload)
  } catch (error) {
    if (error instanceof FrameError) return undefined
    throw error
  }
}
