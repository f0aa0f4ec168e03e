import { type ClientHello, readClientHello } from './client-hello.ts'
import { nameOf, type Spoken, whatIs } from './what-is.ts'

/** Somebody came to a port that is for something else. */
export class WrongPortError extends Error {
  readonly code = 'RTMP_ERR_WRONG_PORT'
  /** What came. */
  readonly spoken: Spoken
  /** True when it came inside TLS. */
  readonly isInsideTls: boolean

  /** @param port what the port is for, as `RTMPT` */
  constructor(spoken: Spoken, port: string, isInsideTls: boolean = false) {
    super(`this is ${nameOf(spoken)}${isInsideTls ? ' inside TLS' : ''}, and the port is for ${port}`)
    this.name = new.target.name
    this.spoken = spoken
    this.isInsideTls = isInsideTls
  }
}

/** The scheme that would have fitted, if there is one. */
function schemeFor(spoken: Spoken, isInsideTls: boolean): string | undefined {
  if (spoken === 'tls') return isInsideTls ? undefined : 'rtmps'
  if (spoken === 'rtmp' || spoken === 'rtmpe') return isInsideTls ? 'rtmps' : 'rtmp'
  if (spoken === 'http') return isInsideTls ? 'rtmpts' : 'rtmpt'
  return undefined
}

/**
 * What came to a wrong port and where it belongs: `this is HTTP: RTMPT is on port 8080`.
 *
 * @param ports by scheme
 */
export function wrongPortSentence(
  spoken: Spoken,
  isInsideTls: boolean,
  ports: ReadonlyMap<string, number>,
): string {
  const what = `this is ${nameOf(spoken)}${isInsideTls ? ' inside TLS' : ''}`
  if (spoken === 'proxy') return `${what}: the option proxyProtocol takes it from proxies`
  // Which of the two it is for, TLS does not tell.
  const schemes = spoken === 'tls' && !isInsideTls ? ['rtmps', 'rtmpts'] : [schemeFor(spoken, isInsideTls) ?? '']
  const places = schemes.flatMap(scheme => {
    const port = ports.get(scheme)
    return port === undefined ? [] : [`${scheme.toUpperCase()} is on port ${port}`]
  })
  return places.length === 0 ? what : `${what}: ${places.join(', ')}`
}

/** Answers an HTTP client that came to a port for something else, in one sentence, and ends the connection with it. */
export function wrongPortAnswer(sentence: string): string {
  const body = `${sentence}\n`
  return [
    'HTTP/1.1 421 Misdirected Request',
    'Content-Type: text/plain',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n')
}

/** What an HTTP client is answered at a port that speaks TLS. A browser that was given http: for https: shows it. */
export const tlsPortAnswer: string = wrongPortAnswer('This port speaks TLS: use https:// instead of http://.')

/**
 * What a connection to a port of TLS begins with. Plain HTTP and RTMP are known by their first byte; of the rest OpenSSL
 * says what is wrong.
 *
 * @param port what the port is for
 */
export function beginningOfTls(bytes: Buffer, port: string): ClientHello | WrongPortError | undefined {
  const spoken = whatIs(bytes)
  if (spoken === undefined || spoken === 'tls' || spoken === 'other') return readClientHello(bytes)
  return new WrongPortError(spoken, port)
}
