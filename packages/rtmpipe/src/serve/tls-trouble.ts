/** Why a client's TLS handshake failed and what to do about it: the rest of a sentence that begins with the client. */
export function tlsTrouble({ code = '', message }: NodeJS.ErrnoException): string {
  const [, refusal] =
    /ALERT_(UNKNOWN_CA|(?:BAD|UNSUPPORTED)_CERTIFICATE|CERTIFICATE_[A-Z]+|ACCESS_DENIED)$/.exec(code) ?? []
  if (refusal !== undefined) {
    const reason = refusal.toLowerCase().replaceAll('_', ' ')
    return `does not accept our certificate (${reason}): give it the certificate, or serve one that it trusts (--cert, --key)`
  }
  if (/UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW|NO_SHARED_CIPHER|ALERT_PROTOCOL_VERSION|NO_PROTOCOLS_AVAILABLE/.test(code))
    return 'knows no TLS version or cipher suite of ours: --tls-compat offers old ones to old cameras'
  if (/HTTP_REQUEST|WRONG_VERSION_NUMBER|UNKNOWN_PROTOCOL|RECORD_TOO_|PACKET_LENGTH_TOO_LONG/.test(code))
    return 'does not speak TLS: rtmps:// and rtmpts:// are for these ports, rtmp:// and rtmpt:// for the others'
  if (isOfFirstBytes(code)) return `was sent away: ${message}`
  if (code === 'RTMP_ERR_TLS_HANDSHAKE_CLOSED' || code === 'ECONNRESET')
    return 'left during the TLS handshake: it may not accept our certificate'
  return `could not be served over TLS: ${plain(message)}`
}

/** True of connections that did not say what they are: port scans, above all. */
export function isOfFirstBytes(code: string): boolean {
  return code === 'RTMP_ERR_FIRST_BYTES_TIMEOUT' || code === 'RTMP_ERR_FIRST_BYTES_LIMIT'
}

/** OpenSSL's messages name a thread, a number and a place in its source. */
function plain(message: string): string {
  const [, reason] = /:SSL routines:[^:]*:([^:]+)/.exec(message) ?? []
  return reason ?? message
}
