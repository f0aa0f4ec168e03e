import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { parseAudioTag, parseVideoTag } from '@rtmpipe/flv'
import { MediaRole } from '../../protocol/media-role.ts'

/** A codec that only players with Enhanced RTMP can be sent. */
export interface EnhancedCodec {
  readonly kind: 'audio' | 'video'
  /** Four characters, such as `hvc1`. */
  readonly fourCc: string
}

/** A publisher may invent as many names as it likes. */
const maxCodecs = 32

/** The Enhanced RTMP codecs that one publisher has used so far. */
export class StreamCodecs {
  readonly #known = new Map<string, EnhancedCodec>()
  #isAudioKnown = false

  get all(): readonly EnhancedCodec[] {
    return [...this.#known.values()]
  }

  clear(): void {
    this.#known.clear()
    this.#isAudioKnown = false
  }

  /** The codecs that were not known before this message. Looks at what begins something: headers, keyframes, the first audio. */
  note(message: RtmpMessage, role: MediaRole): readonly EnhancedCodec[] {
    switch (role) {
      case MediaRole.VideoHeader:
      case MediaRole.Keyframe:
      case MediaRole.AudioHeader:
        return this.#learn(message)
      case MediaRole.Audio:
        if (this.#isAudioKnown) return []
        this.#isAudioKnown = true
        return this.#learn(message)
      default:
        return []
    }
  }

  #learn({ messageTypeId, payload }: RtmpMessage): EnhancedCodec[] {
    const kind = messageTypeId === MessageType.Audio ? 'audio' : 'video'
    const tag = kind === 'audio' ? parseAudioTag(payload) : parseVideoTag(payload)
    if (tag.kind !== 'enhanced') return []
    const found: EnhancedCodec[] = []
    for (const { fourCc } of tag.tracks) {
      const key = `${kind} ${fourCc}`
      if (this.#known.has(key) || this.#known.size === maxCodecs) continue
      const codec = { kind, fourCc } as const
      this.#known.set(key, codec)
      found.push(codec)
    }
    return found
  }
}
