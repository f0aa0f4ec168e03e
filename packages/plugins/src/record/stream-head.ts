import { isEmptyHeader, isMediaHeader, mediaHeaderKey, metadataOf } from '@rtmpipe/flv'
import type { AmfObject } from '@rtmpipe/amf'
import { MediaRole, type RtmpMessage } from '@rtmpipe/session'

/** Limits of the headers that are kept; further ones are written where they come, but not again in the next file. */
const maxHeaders = 256
const maxBytes = 2 * 1024 * 1024

/** The messages that a file has to begin with: the newest metadata and the newest headers of every track. */
export class StreamHead {
  #metadata: AmfObject = {}
  readonly #headers = new Map<string, RtmpMessage>()
  #bytes = 0

  /** Properties of the newest `onMetaData`; the publisher's. */
  get metadata(): AmfObject {
    return this.#metadata
  }

  /** Sequence headers and configurations of tracks, the newest last. */
  get headers(): readonly RtmpMessage[] {
    return [...this.#headers.values()]
  }

  add(message: RtmpMessage, role: MediaRole): void {
    if (role === MediaRole.Metadata) this.#metadata = metadataOf(message.payload) ?? {}
    else if (isMediaHeader(message)) {
      const key = mediaHeaderKey(message)
      const before = this.#headers.get(key)
      if (before !== undefined && isEmptyHeader(message)) return
      const bytes = this.#bytes + message.payload.length - (before?.payload.length ?? 0)
      if (bytes > maxBytes || (before === undefined && this.#headers.size === maxHeaders)) return
      this.#bytes = bytes
      this.#headers.delete(key)
      this.#headers.set(key, { ...message, payload: Buffer.from(message.payload) })
    }
  }
}
