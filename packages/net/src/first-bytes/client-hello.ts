/** What a server has to know of a client before the TLS handshake. */
export interface ClientHello {
  /**
   * True of librtmp with GnuTLS, which takes the session tickets of TLS 1.3 for data of -28 bytes: rtmpdump crashes.
   * With TLS 1.2 it works. Other programs with GnuTLS say the same if they connect to an address instead of a name.
   */
  readonly needsTls12: boolean
}

/** Bytes looked at; a hello that is longer is not librtmp's, which has some 370. */
const limit = 4_096
const handshakeRecord = 0x16
const clientHello = 1
const [serverName, alpn, recordSizeLimit, supportedVersions, sessionTicket] = [0, 16, 28, 43, 35]

const ordinary: ClientHello = { needsTls12: false }

/**
 * Reads the ClientHello (RFC 8446 §4.1.2) that a connection begins with. Undefined while it is not whole. What is broken
 * is ordinary: OpenSSL finds the words for it.
 *
 * librtmp is recognised by what it can not have: it names no server (RFC 6066 §3) and no protocol (RFC 7301); by what
 * GnuTLS alone sends then: a limit of record sizes (RFC 8449); and by what makes it fail: TLS 1.3 and tickets.
 */
export function readClientHello(bytes: Buffer): ClientHello | undefined {
  if (bytes.length === 0) return undefined
  if (bytes[0] !== handshakeRecord) return ordinary
  if (bytes.length < 5) return undefined
  const length = bytes.readUInt16BE(3)
  if (length > limit) return ordinary
  if (bytes.length < 5 + length) return undefined
  try {
    const extensions = extensionsOf(bytes.subarray(5, 5 + length))
    const has = (type: number) => extensions.has(type)
    const isGnuTls = has(recordSizeLimit) && has(sessionTicket) && has(supportedVersions)
    return { needsTls12: isGnuTls && !has(serverName) && !has(alpn) }
  } catch {
    return ordinary
  }
}

/** Types of the extensions. @throws RangeError where a length is wrong */
function extensionsOf(message: Buffer): ReadonlySet<number> {
  const types = new Set<number>()
  if (message.readUInt8(0) !== clientHello) return types
  // Type and length of the message, version, random; then three lists.
  let at = 4 + 2 + 32
  at += 1 + message.readUInt8(at)
  at += 2 + message.readUInt16BE(at)
  at += 1 + message.readUInt8(at)
  const end = at + 2 + message.readUInt16BE(at)
  at += 2
  while (at < end) {
    types.add(message.readUInt16BE(at))
    at += 4 + message.readUInt16BE(at + 2)
  }
  return types
}
