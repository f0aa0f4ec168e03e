import { decodeText } from '@rtmpipe/amf'
import { ProtocolError } from '@rtmpipe/chunk-stream'

/** A cursor over the body of a shared object message that never reads past its end. */
export class ByteCursor {
  readonly #bytes: Buffer
  #position = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get done(): boolean {
    return this.#position === this.#bytes.length
  }

  /** What has not been read yet. */
  get rest(): Buffer {
    return this.#bytes.subarray(this.#position)
  }

  uint8(): number {
    return this.take(1).readUInt8()
  }

  uint32(): number {
    return this.take(4).readUInt32BE()
  }

  /** A 16 bit length and UTF-8. */
  text(): string {
    return decodeText(this.take(this.take(2).readUInt16BE()))
  }

  /** @throws ProtocolError when so many bytes are not there */
  take(length: number): Buffer {
    const { rest } = this
    if (length > rest.length) throw malformed(`${length} bytes are wanted where ${rest.length} are left`)
    this.#position += length
    return rest.subarray(0, length)
  }
}

export function malformed(reason: string): ProtocolError {
  return new ProtocolError('message', 'RTMP_ERR_SHARED_OBJECT', `unreadable shared object message: ${reason}`)
}
