import { type ClientHello, readClientHello } from './client-hello.ts'
import { nameOf, type Spoken, whatIs } from './what-is.ts'

/** Somebody came to a port that is for something else. */
export class WrongPortError extends Error {
  override readonly name = 'WrongPortError'
  readonly code = 'RTMP_ERR_WRONG_PORT'
  /** What came. */
  readonly spoken: Spoken
  /** True when it came inside TLS. */
  readonly isInsideTls: boolean

  /** @param port what the port is for, as `RTMPT` */
  constructor(spoken: Spoken, port: string, isInsideTls: boolean = false) {
    super(`this is ${nameOf(spoken)}${isInsideTls ? ' inside TLS' : ''}, and the port is for ${port}`)
    this.spoken = spoken
    this.isInsideTls = isInsideTls
  }
}

/** The schemes that would have fitted. Which of its two it is for, TLS does not tell. */
function schemesFor(spoken: Spoken, isInsideTls: boolean): readonly string[] {
  if (spoken === 'tls') return isInsideTls ? [] : ['rtmps', 'rtmpts']
  if (spoken === 'rtmp' || spoken === 'rtmpe') return [isInsideTls ? 'rtmps' : 'rtmp']
  if (spoken === 'http') return [isInsideTls ? 'rtmpts' : 'rtmpt']
  return []
}

/** What is bound, as a `Listener` of `@rtmpipe/session` says it. */
interface Bound {
  readonly scheme: string
  readonly schemes?: readonly string[]
  readonly address: { readonly port: number }
}

/**
 * What came to a wrong port and where it belongs: `this is HTTP: RTMPT is on port 8080`. Undefined when nothing that is
 * bound would do.
 */
export function wrongPortSentence(
  spoken: Spoken,
  isInsideTls: boolean,
  listeners: readonly Bound[],
): string | undefined {
  const what = `this is ${nameOf(spoken)}${isInsideTls ? ' inside TLS' : ''}`
  if (spoken === 'proxy') return `${what}: the option proxyProtocol takes it from proxies`
  const ports = new Map(
    listeners.flatMap(({ scheme, schemes = [scheme], address }) => schemes.map(each => [each, address.port] as const)),
  )
  const places = schemesFor(spoken, isInsideTls).flatMap(scheme => {
    const port = ports.get(scheme)
    return port === undefined ? [] : [`${scheme.toUpperCase()} is on port ${port}`]
  })
  return places.length === 0 ? undefined : `${what}: ${places.join(', ')}`
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
