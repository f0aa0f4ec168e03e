import { type FlvTag, flvTagHeadSize, isEmptyHeader, mediaHeaderKey, type MediaMessage } from '@rtmpipe/flv'
import { VodError } from './errors.ts'
import type { SharedFile } from './shared-file.ts'

/** A header that differs from the one of its kind before it. */
interface Change {
  readonly key: string
  readonly position: number
  readonly size: number
}

const maxChanges = 65_536
/** Kinds of headers: two or three for each track. */
const maxKinds = 256
/** Bytes of the headers that are sent after a seek. */
const maxSent = 2 * 1024 * 1024

/** Which sequence headers are in force where in an FLV file. */
export class FlvHeaders {
  /** Ascending. Many encoders repeat their headers with every keyframe, so only changes are kept. */
  readonly #changes: Change[] = []
  /** What the newest of each kind begins with. */
  readonly #newest = new Map<string, Buffer>()

  /** True when no more can be taken. */
  get isFull(): boolean {
    return this.#changes.length >= maxChanges || this.#newest.size >= maxKinds
  }

  /** Takes the next header of the file. */
  add({ type, size, beginning, position }: FlvTag): void {
    const body = { messageTypeId: type, payload: beginning }
    if (isEmptyHeader(body)) return
    const key = mediaHeaderKey(body)
    if (size === beginning.length && this.#newest.get(key)?.equals(beginning) === true) return
    // A copy: it is a slice of all that was read.
    this.#newest.set(key, Buffer.from(beginning))
    this.#changes.push({ key, position, size })
  }

  /** Those that a decoder needs at a position: of each kind the last one before it. @throws VodError, whatever the disk throws */
  async before(position: number, file: SharedFile): Promise<readonly MediaMessage[]> {
    const inForce = new Map<string, Change>()
    for (const change of this.#changes) {
      if (change.position >= position) break
      inForce.delete(change.key)
      inForce.set(change.key, change)
    }
    const messages: MediaMessage[] = []
    let left = maxSent
    for (const { key, position: at, size } of inForce.values()) {
      if (size > left) continue
      left -= size
      const payload = await file.read(at + flvTagHeadSize, size)
      if (payload.length < size) throw new VodError('RTMP_ERR_VOD_FILE', 'it was cut while it was played')
      messages.push({ messageTypeId: Number.parseInt(key), messageStreamId: 0, timestamp: 0, payload })
    }
    return messages
  }
}
