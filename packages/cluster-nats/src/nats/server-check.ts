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

/** Why a server is of no use, and what to do about it. */
export interface ServerFault {
  /** What is wrong, as what would follow its address in a sentence. */
  readonly text: string
  /** What to do. */
  readonly advice: string
}

/** Why a server may not be used, whoever it lets in. @param replicas of the directory, as far as it is known */
export function serverFault(address: ServerAddress, info: ServerInfo, replicas: number): ServerFault | undefined {
  if (address.needsTls && !info.hasTls)
    return { text: 'has no TLS', advice: 'give it a certificate, or write its address as nats://' }
  if (!info.needsLogin && !isLoopback(address.host))
    return {
      text: 'lets everybody in',
      advice: 'set up users, NKeys or client certificates there, or have it listen on 127.0.0.1 only',
    }
  if (info.maxPayload < minPayload)
    return {
      text: `takes ${info.maxPayload} bytes at most in a message`,
      advice: 'set max_payload to 1MB, its default',
    }
  return replicas > 1 && losesRaces(info.version) ? oldFault(info.version) : undefined
}

export function oldFault(version: string): ServerFault {
  return {
    text: `is ${version}, and servers before 2.10 may give a name to two publishers at once when several keep the directory`,
    advice: 'update all of them to 2.12 or later, or use a single server',
  }
}

/**
 * Whether a server may be used at all.
 *
 * @param replicas of the directory, as far as it is known
 * @throws UsageError for one that may not, which says what to do about it
 */
export function checkServer(address: ServerAddress, info: ServerInfo, replicas: number): void {
  const fault = serverFault(address, info, replicas)
  if (fault !== undefined) throw refusal(address, fault)
}

export function oldServer(address: ServerAddress, version: string): UsageError {
  return refusal(address, oldFault(version))
}

function refusal(address: ServerAddress, { text, advice }: ServerFault): UsageError {
  return new UsageError('RTMP_ERR_USAGE', `the NATS server at ${addressText(address)} ${text}: ${advice}`)
}
