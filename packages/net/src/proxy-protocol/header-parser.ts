import { ProxyProtocolError } from './proxy-protocol-error.ts'
import { readHeaderV1 } from './header-v1.ts'
import { headV2Length, lengthV2, readHeaderV2, signatureV2 } from './header-v2.ts'
import type { Remote } from './remote.ts'

/** A whole header. */
export interface ProxyHeader {
  /** Whom the proxy speaks for; undefined when it speaks for itself (`LOCAL`), or does not say (`UNKNOWN`). */
  readonly source: Remote | undefined
  /** What came behind the header. */
  readonly rest: Buffer
}

/** §2.1: "a 108-byte buffer is always enough", with a zero at its end. */
const longestV1 = 107
/** Of version 2 with what stands behind its addresses. Certificates of clients may be there, and are passed over. */
const longestV2 = 4_096
const beginV1 = Buffer.from('PROXY ', 'latin1')

/** Reads one header, version 1 or 2, from bytes that come in any pieces. */
export class HeaderParser {
  #bytes: Buffer = Buffer.alloc(0)

  /**
   * Takes more bytes. Undefined while the header is not whole.
   *
   * @throws ProxyProtocolError `RTMP_ERR_PROXY_HEADER` as soon as it can be none
   */
  push(bytes: Buffer): ProxyHeader | undefined {
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes])
    if (this.#bytes.length === 0) return undefined
    if (begins(this.#bytes, signatureV2)) return this.#readV2()
    if (begins(this.#bytes, beginV1)) return this.#readV1()
    throw new ProxyProtocolError(
      'RTMP_ERR_PROXY_HEADER',
      'the connection does not begin with a header of the PROXY protocol',
    )
  }

  #readV1(): ProxyHeader | undefined {
    const end = this.#bytes.subarray(0, longestV1).indexOf('\r\n')
    if (end >= 0) {
      const line = this.#bytes.toString('latin1', 0, end)
      return { source: readHeaderV1(line), rest: this.#bytes.subarray(end + 2) }
    }
    if (this.#bytes.length < longestV1) return undefined
    throw tooLong(longestV1)
  }

  #readV2(): ProxyHeader | undefined {
    if (this.#bytes.length < headV2Length) return undefined
    const length = headV2Length + lengthV2(this.#bytes)
    if (length > longestV2) throw tooLong(longestV2)
    if (this.#bytes.length < length) return undefined
    return { source: readHeaderV2(this.#bytes.subarray(0, length)), rest: this.#bytes.subarray(length) }
  }
}

/** Of the two, the longer begins with the shorter. */
function begins(bytes: Uint8Array, mark: Buffer): boolean {
  const length = Math.min(bytes.length, mark.length)
  return mark.subarray(0, length).equals(bytes.subarray(0, length))
}

function tooLong(limit: number): ProxyProtocolError {
  return new ProxyProtocolError('RTMP_ERR_PROXY_HEADER', `the PROXY header is longer than ${limit} bytes`)
}
