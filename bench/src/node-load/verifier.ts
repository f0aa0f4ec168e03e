import { frameOf, isIntact } from './frame.ts'

/** Frames of each kind that are kept to compare those of other players with. */
const kept = 512

/** The frames that any player has got first: the others have to be the same, byte by byte. */
export class Reference {
  readonly #frames = new Map<string, Buffer>()

  /** Whether a frame is what was published. */
  agrees(kind: 'audio' | 'video', sequence: number, payload: Buffer): boolean {
    const key = `${kind} ${sequence}`
    const frame = this.#frames.get(key)
    if (frame !== undefined) return frame.equals(payload)
    if (!isIntact(kind, payload)) return false
    this.#frames.set(key, payload)
    if (this.#frames.size > 2 * kept) this.#frames.delete(this.#frames.keys().next().value as string)
    return true
  }
}

/** Looks at what one player gets: everything from its first frame on, once and in order, as it was published. */
export class Verifier {
  readonly #reference: Reference
  readonly #next = { audio: -1, video: -1 }
  /** Frames that are missing, or came after one that follows them. */
  lost = 0
  corrupted = 0
  /** `performance.now()` when the first picture came that needs no other. */
  firstPictureAt: number | undefined

  constructor(reference: Reference) {
    this.#reference = reference
  }

  /** Returns for how many milliseconds a frame has been on its way; undefined for what is none. */
  take(kind: 'audio' | 'video', payload: Buffer, now: number): number | undefined {
    const frame = frameOf(kind, payload)
    if (frame === undefined) return undefined
    const { sequence, madeAt, isKey } = frame
    const next = this.#next[kind]
    if (next !== -1 && sequence !== next) this.lost += Math.max(1, sequence - next)
    this.#next[kind] = sequence + 1
    if (!this.#reference.agrees(kind, sequence, payload)) this.corrupted += 1
    if (isKey && kind === 'video') this.firstPictureAt ??= performance.now()
    return now - madeAt
  }
}
