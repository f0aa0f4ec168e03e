/** What somebody speaks, as far as the first bytes tell. `other` is nothing that is known here. */
export type Spoken = 'rtmp' | 'rtmpe' | 'tls' | 'http' | 'http2' | 'proxy' | 'other'

/** Version 2 of the PROXY protocol begins so, which is no text. */
const proxyV2 = Buffer.from('0d0a0d0a000d0a515549540a', 'hex')
const proxyV1 = Buffer.from('PROXY ')
/** RFC 9113 §3.4. */
const http2 = Buffer.from('PRI * HTTP/2')

/**
 * Tells by the first bytes what they are: one is enough, but `PROXY ` and HTTP/2 begin with the letters of HTTP and are
 * told from it when more is there. Undefined without a byte.
 */
export function whatIs(bytes: Uint8Array): Spoken | undefined {
  const [first] = bytes
  if (first === undefined) return undefined
  if (first === 3) return 'rtmp'
  if (first === 6 || first === 8) return 'rtmpe'
  if (first === 0x16) return 'tls'
  if (begins(bytes, proxyV1) || begins(bytes, proxyV2)) return 'proxy'
  if (begins(bytes, http2)) return 'http2'
  if (first >= 0x41 && first <= 0x5a) return 'http'
  return 'other'
}

const names: Readonly<Record<Spoken, string>> = {
  rtmp: 'RTMP',
  rtmpe: 'RTMPE',
  tls: 'TLS',
  http: 'HTTP',
  http2: 'HTTP/2',
  proxy: 'the PROXY protocol',
  other: 'neither RTMP, TLS nor HTTP',
}

/** The rest of a sentence that begins with "this is". */
export function nameOf(spoken: Spoken): string {
  return names[spoken]
}

function begins(bytes: Uint8Array, mark: Buffer): boolean {
  return bytes.length >= mark.length && mark.equals(bytes.subarray(0, mark.length))
}
