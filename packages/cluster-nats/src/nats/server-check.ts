import { UsageError } from '@rtmpipe/chunk-stream'
import { addressText, isLoopback, type ServerAddress } from './addresses.ts'
import { minPayload } from './limits.ts'

/** What a server says of itself before anybody has logged in; only what is looked at. */
export interface ServerInfo {
  readonly version: string
  readonly maxPayload: number
  readonly needsLogin: boolean
  readonly hasTls: boolean
}

/** @returns undefined for what is no such line */
export function parseServerInfo(line: string): ServerInfo | undefined {
  const json = /^INFO\s+(\{.*\})\s*$/i.exec(line)?.[1]
  if (json === undefined) return undefined
  let info: Record<string, unknown>
  try {
    info = JSON.parse(json) as Record<string, unknown>
  } catch {
    return undefined
  }
  const { version, max_payload: maxPayload } = info
  if (typeof version !== 'string' || typeof maxPayload !== 'number') return undefined
  return {
    version: version.slice(0, 40),
    maxPayload,
    needsLogin: info['auth_required'] === true || info['tls_verify'] === true,
    hasTls: info['tls_required'] === true || info['tls_available'] === true,
  }
}

/** Below it, more than one node can win a name of which there are several replicas. */
const firstSafe = [2, 10] as const

/** @param version as a server tells it, for example 2.10.27 */
export function losesRaces(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return !(major > firstSafe[0] || (major === firstSafe[0] && minor >= firstSafe[1]))
}

/**
 * Whether a server may be used at all.
 *
 * @param replicas of the directory, as far as it is known
 * @throws UsageError for one that may not, which says what to do about it
 */
export function checkServer(address: ServerAddress, info: ServerInfo, replicas: number): void {
  const server = `the NATS server at ${addressText(address)}`
  const refuse = (text: string): never => {
    throw new UsageError('RTMP_ERR_USAGE', `${server} ${text}`)
  }
  if (address.needsTls && !info.hasTls) refuse('has no TLS: give it a certificate, or write its address as nats://')
  if (!info.needsLogin && !isLoopback(address.host))
    refuse('lets everybody in: set up users, NKeys or client certificates there, or have it listen on 127.0.0.1 only')
  if (info.maxPayload < minPayload)
    refuse(`takes ${info.maxPayload} bytes at most in a message: set max_payload to 1MB, its default`)
  if (replicas > 1 && losesRaces(info.version)) throw oldServer(address, info.version)
}

export function oldServer(address: ServerAddress, version: string): UsageError {
  return new UsageError(
    'RTMP_ERR_USAGE',
    `the NATS server at ${addressText(address)} is ${version}, and servers before 2.10 may give a name to two publishers at once when several keep the directory: update all of them to 2.12 or later, or use a single server`,
  )
}
