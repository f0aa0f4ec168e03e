import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { parseAudioHeader, parseAudioTag, parseVideoHeader, parseVideoTag } from '@rtmpipe/flv'
import type { StreamCodec } from '../../contract/stream-view.ts'
import { MediaRole } from '../../protocol/media-role.ts'

/** Most codecs that are kept: a publisher may invent any number of names. */
const maxCodecs = 32

const none: readonly StreamCodec[] = []

/** The codecs that one publisher has used so far. */
export class StreamCodecs {
  readonly #known = new Map<string, StreamCodec>()
  #isAudioKnown = false

  get all(): readonly StreamCodec[] {
    return [...this.#known.values()]
  }

  clear(): void {
    this.#known.clear()
    this.#isAudioKnown = false
  }

  /** The codecs that were not known before this message. Only headers, keyframes and the first audio are looked at. */
  note(message: RtmpMessage, role: MediaRole): readonly StreamCodec[] {
    switch (role) {
      case MediaRole.VideoHeader:
      case MediaRole.Keyframe:
      case MediaRole.AudioHeader:
        return this.#learn(message)
      case MediaRole.Audio:
        if (this.#isAudioKnown) return none
        this.#isAudioKnown = true
        return this.#learn(message)
      default:
        return none
    }
  }

  #learn({ messageTypeId, payload }: RtmpMessage): StreamCodec[] {
    const kind = messageTypeId === MessageType.Audio ? 'audio' : 'video'
    const tag = kind === 'audio' ? parseAudioTag(payload) : parseVideoTag(payload)
    const names = tag.kind === 'enhanced' ? tag.tracks.map(({ fourCc }) => fourCc) : legacyCodec(kind, payload)
    const found: StreamCodec[] = []
    for (const name of names) {
      const key = `${kind} ${name}`
      const isEnhanced = tag.kind === 'enhanced'
      const known = this.#known.get(key)
      // One that comes in both forms, as of several tracks, is enhanced for players.
      if (known !== undefined && (known.isEnhanced || !isEnhanced)) continue
      if (known === undefined && this.#known.size === maxCodecs) continue
      const codec: StreamCodec = { kind, codec: name, isEnhanced }
      this.#known.set(key, codec)
      found.push(codec)
    }
    return found
  }
}

function legacyCodec(kind: StreamCodec['kind'], payload: Uint8Array): readonly string[] {
  const codec = (kind === 'audio' ? parseAudioHeader(payload) : parseVideoHeader(payload))?.codec
  if (codec === undefined) return []
  return [codec === 'mp3' ? '.mp3' : codec]
}
