import { urlHost } from '../url-host.ts'
import { NoProxy } from './no-proxy.ts'
import { ProxyUrl } from './proxy-url.ts'

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>

interface Scheme {
  readonly port: number
  /** Asked in this order. */
  readonly variables: readonly string[]
}

const rtmp: Scheme = { port: 1935, variables: ['ALL_PROXY'] }
const rtmpt: Scheme = { port: 80, variables: ['HTTP_PROXY', 'ALL_PROXY'] }
const encrypted: Scheme = { port: 443, variables: ['HTTPS_PROXY', 'ALL_PROXY'] }

const schemes: Readonly<Record<string, Scheme>> = {
  'rtmp:': rtmp,
  'rtmpe:': rtmp,
  'rtmpt:': rtmpt,
  'rtmpte:': rtmpt,
  'rtmps:': encrypted,
  'rtmpts:': encrypted,
  'ws:': rtmpt,
  'rtmp+ws:': rtmpt,
  'wss:': encrypted,
  'rtmp+wss:': encrypted,
}

/**
 * The proxy that the environment names for a URL: `HTTPS_PROXY` for what is encrypted, `HTTP_PROXY` for rtmpt and ws, `ALL_PROXY`
 * for both and for rtmp; none for hosts in `NO_PROXY`. A name in lower case comes before the same in upper case.
 *
 * @throws ProxyError `RTMP_ERR_PROXY_URL` when the variable is no URL of a proxy
 */
export function proxyOfEnvironment(url: URL, env: Environment): ProxyUrl | undefined {
  const scheme = schemes[url.protocol]
  if (scheme === undefined) return undefined
  const found = scheme.variables.flatMap(name => namesOf(name, env)).find(name => (env[name] ?? '').trim() !== '')
  if (found === undefined) return undefined
  const [except] = namesOf('NO_PROXY', env).filter(name => (env[name] ?? '') !== '')
  const port = url.port === '' ? scheme.port : Number(url.port)
  if (except !== undefined && new NoProxy(env[except] ?? '').has(urlHost(url), port)) return undefined
  return new ProxyUrl(env[found] ?? '', found)
}

/** A CGI program finds the header `Proxy` of a request, which anybody may send, in `HTTP_PROXY`. */
function namesOf(name: string, env: Environment): readonly string[] {
  const isForgeable = name === 'HTTP_PROXY' && env['REQUEST_METHOD'] !== undefined
  return isForgeable ? [name.toLowerCase()] : [name.toLowerCase(), name]
}
