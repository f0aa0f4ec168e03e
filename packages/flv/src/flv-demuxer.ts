import { uint24, uint32 } from './bytes.ts'
import { ByteCollector } from './byte-collector.ts'
import { dataBody } from './data-body.ts'
import { FlvError } from './errors.ts'
import type { FlvHeader } from './flv-muxer.ts'
import type { MediaMessage } from './media-message.ts'
import { mendedMetadata } from './mended-metadata.ts'
import { TagType } from './tag-type.ts'

/** Limits of a {@link FlvDemuxer}. */
export interface FlvDemuxerOptions {
  /** Largest body of an audio, video or script tag in bytes; default 16 MiB, more than the format can express. */
  readonly maxTagSize?: number
}

type Emit = (message: MediaMessage) => void

/** The parts of a file, in the order of their first appearance. */
type Part = 'fileHeader' | 'fileHeaderRest' | 'passedOver' | 'backPointer' | 'tagHeader' | 'tagHeaderRest' | 'tagBody'

const signature = 0x464c56 // "FLV"

/**
 * FLV bytes to messages; no stream in it. Only the file's signature must be right. Back pointers and flags are not looked
 * at; unknown and encrypted tags, an incomplete last tag and another file's header between tags are passed over.
 * Timestamps are made unsigned, AMF3 script tags become AMF0 data messages. Empty audio and video tags mean silence and
 * are kept.
 */
export class FlvDemuxer {
  readonly #maxTagSize: number
  readonly #bytes = new ByteCollector()
  #expected: Part = 'fileHeader'
  #header: Required<FlvHeader> | undefined
  #skip = 0
  #type = 0
  #size = 0
  #timestamp = 0

  constructor(options: FlvDemuxerOptions = {}) {
    this.#maxTagSize = options.maxTagSize ?? 16 * 1024 * 1024
  }

  /** What the file says of itself, which need not be true; undefined until the header has come. */
  get header(): Required<FlvHeader> | undefined {
    return this.#header
  }

  /**
   * Emits the messages that end in these bytes, however the file is split. Payloads may be slices of `bytes`, so leave
   * those alone. Throws {@link FlvError} `RTMP_ERR_FLV_HEADER` or `RTMP_ERR_FLV_TAG_SIZE`; then the demuxer is spent.
   */
  push(bytes: Uint8Array, emit: Emit): void {
    this.#bytes.feed(bytes)
    while (this.#read(emit));
  }

  /** No more bytes. Throws {@link FlvError} `RTMP_ERR_FLV_HEADER` if there was not even a file header. */
  end(): void {
    if (this.#header === undefined)
      throw new FlvError('RTMP_ERR_FLV_HEADER', 'the bytes end before an FLV file header is complete')
  }

  /** Reads the part expected and says what follows it; false if that takes more bytes. */
  #read(emit: Emit): boolean {
    switch (this.#expected) {
      case 'fileHeader':
        return this.#fileHeader()
      case 'fileHeaderRest':
        return this.#fileHeaderRest()
      case 'passedOver':
        return this.#passedOver()
      case 'backPointer':
        return this.#backPointer()
      case 'tagHeader':
        return this.#tagHeader()
      case 'tagHeaderRest':
        return this.#tagHeaderRest()
      case 'tagBody':
        return this.#tagBody(emit)
    }
  }

  #fileHeader(): boolean {
    const bytes = this.#bytes.take(4)
    if (bytes === undefined) return false
    if (uint24(bytes, 0) !== signature) {
      throw new FlvError('RTMP_ERR_FLV_HEADER', `the file begins with 0x${bytes.toString('hex', 0, 3)}, not with "FLV"`)
    }
    this.#expected = 'fileHeaderRest'
    return true
  }

  #fileHeaderRest(): boolean {
    const bytes = this.#bytes.take(5)
    if (bytes === undefined) return false
    this.#header ??= { hasAudio: (bytes[0]! & 0x04) !== 0, hasVideo: (bytes[0]! & 0x01) !== 0 }
    // The data offset counts the 9 bytes read so far.
    return this.#passOver(uint32(bytes, 1) - 9)
  }

  #passOver(length: number): boolean {
    this.#skip = Math.max(0, length)
    this.#expected = 'passedOver'
    return true
  }

  #passedOver(): boolean {
    this.#skip = this.#bytes.skip(this.#skip)
    if (this.#skip > 0) return false
    this.#expected = 'backPointer'
    return true
  }

  #backPointer(): boolean {
    const bytes = this.#bytes.take(4)
    if (bytes === undefined) return false
    // No pointer is this large: a file that lacks its last one is followed by another file.
    this.#expected = uint24(bytes, 0) === signature ? 'fileHeaderRest' : 'tagHeader'
    return true
  }

  #tagHeader(): boolean {
    const bytes = this.#bytes.take(4)
    if (bytes === undefined) return false
    if (uint24(bytes, 0) === signature) {
      this.#expected = 'fileHeaderRest'
      return true
    }
    this.#type = bytes[0]!
    this.#size = uint24(bytes, 1)
    this.#expected = 'tagHeaderRest'
    return true
  }

  #tagHeaderRest(): boolean {
    const bytes = this.#bytes.take(7)
    if (bytes === undefined) return false
    this.#timestamp = ((bytes[3]! << 24) | uint24(bytes, 0)) >>> 0
    if (!isKnown(this.#type)) return this.#passOver(this.#size)
    if (this.#size > this.#maxTagSize) {
      throw new FlvError('RTMP_ERR_FLV_TAG_SIZE', `a tag of ${this.#size} bytes exceeds ${this.#maxTagSize}`)
    }
    this.#expected = 'tagBody'
    return true
  }

  #tagBody(emit: Emit): boolean {
    const body = this.#bytes.take(this.#size)
    if (body === undefined) return false
    this.#expected = 'backPointer'
    const isMedia = this.#type === TagType.Audio || this.#type === TagType.Video
    if (!isMedia && body.length === 0) return true
    emit({
      messageTypeId: isMedia ? this.#type : TagType.Script,
      messageStreamId: 0,
      timestamp: this.#timestamp,
      payload: isMedia ? body : (mendedMetadata(body) ?? dataBody(body)),
    })
    return true
  }
}

// The three bits above the type are reserved or mean encryption: such a tag is not known either.
function isKnown(type: number): boolean {
  return type === TagType.Audio || type === TagType.Video || type === TagType.Script || type === TagType.ScriptAmf3
}
