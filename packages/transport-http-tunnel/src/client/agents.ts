import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { HttpTunnelOptions } from '../options.ts'
import type { DialTarget } from './dial-target.ts'

/** What of the options says how connections are made. */
export type AgentOptions = Pick<HttpTunnelOptions, 'ca' | 'insecure'>

/** Makes the connections of one session, and keeps them between requests. */
export function agentFor(target: DialTarget, { ca, insecure = false }: AgentOptions): HttpAgent | HttpsAgent {
  const keep = { keepAlive: true, noDelay: true }
  if (!target.secure) return new HttpAgent(keep)
  return new HttpsAgent({
    ...keep,
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: !insecure,
    ...(ca !== undefined && { ca: typeof ca === 'string' || Buffer.isBuffer(ca) ? ca : [...ca] }),
  })
}
