import { type MessageBatch, MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { FlvMuxer } from '@rtmpipe/flv'
import type { Wanted } from './wanted.ts'

/** What goes out together, ready for each way of sending it. */
export interface Packed {
  /** FLV tags. */
  readonly flv: Buffer
  /** The same as a chunk of HTTP (RFC 9112 §7.1). */
  readonly chunk: Buffer
}

const lineEnd = Buffer.from('\r\n')
const nothing = Symbol('nothing')

/** Makes FLV of batches, once for all viewers that want the same of them. Times are the publisher's own. */
export class FlvPacker {
  readonly #muxer = new FlvMuxer()
  /** By what is wanted. */
  readonly #packed = new Map<number, WeakMap<MessageBatch, Packed | typeof nothing>>()
  /** What was asked for last, since most ask for the same. */
  #last: { readonly batch: MessageBatch; readonly kind: number; readonly packed: Packed | undefined } | undefined

  /** @returns undefined where nothing is left of it */
  pack(batch: MessageBatch, wanted: Wanted): Packed | undefined {
    const kind = (wanted.audio ? 1 : 0) + (wanted.video ? 2 : 0)
    if (this.#last?.batch === batch && this.#last.kind === kind) return this.#last.packed
    const packed = this.#known(batch, kind, wanted)
    this.#last = { batch, kind, packed }
    return packed
  }

  #known(batch: MessageBatch, kind: number, wanted: Wanted): Packed | undefined {
    let known = this.#packed.get(kind)
    if (known === undefined) this.#packed.set(kind, (known = new WeakMap()))
    let packed = known.get(batch)
    if (packed === undefined) known.set(batch, (packed = this.#pack(batch, wanted) ?? nothing))
    return packed === nothing ? undefined : packed
  }

  #pack({ lentMessages }: MessageBatch, wanted: Wanted): Packed | undefined {
    const tags = lentMessages.filter(message => isWanted(message, wanted)).map(message => this.#muxer.tag(message))
    return tags.length === 0 ? undefined : packed(tags)
  }
}

/** What begins a stream, and is not shared. */
export function packed(parts: readonly Buffer[]): Packed {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const head = Buffer.from(`${length.toString(16)}\r\n`)
  const chunk = Buffer.concat([head, ...parts, lineEnd])
  return { chunk, flv: chunk.subarray(head.length, head.length + length) }
}

function isWanted({ messageTypeId }: RtmpMessage, { audio, video }: Wanted): boolean {
  if (messageTypeId === MessageType.Audio) return audio
  if (messageTypeId === MessageType.Video) return video
  return messageTypeId === MessageType.DataAmf0 || messageTypeId === MessageType.DataAmf3
}
