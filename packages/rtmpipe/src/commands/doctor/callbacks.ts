import { once } from 'node:events'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ServeConfig } from '../../sections/index.ts'
import { type Finding, fine, problem } from './finding.ts'
import { inTime } from './in-time.ts'

/** Milliseconds for a connection. */
const patience = 5_000

/**
 * Whether the web servers that are asked and told can be reached. They are connected to, and asked nothing: a question
 * would be taken for a real one.
 */
export async function callbackFindings({ auth }: ServeConfig): Promise<readonly Finding[]> {
  const key = auth?.jwt?.key
  const { url, update, recorded } = auth?.httpCallback ?? {}
  const urls = [...urlsIn([url, update?.url, recorded]), ...(key !== undefined && 'jwks' in key ? [key.jwks] : [])]
  const origins = [...new Set(urls.map(url => new URL(url).origin))]
  return await Promise.all(origins.map(originFinding))
}

/** One of them, a list, or by event. */
function urlsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return URL.canParse(value) ? [value] : []
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(urlsIn) : []
}

async function originFinding(origin: string): Promise<Finding> {
  const socket = dial(new URL(origin))
  const isSecure = origin.startsWith('https:')
  try {
    await inTime(once(socket, isSecure ? 'secureConnect' : 'connect'), patience)
    return fine('callback', `${origin} can be reached`)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const advice = 'start it, correct the URL, or open the firewall: nobody is let in while it does not answer'
    return problem('callback', `${origin} can't be reached: ${code ?? message}`, advice)
  } finally {
    socket.destroy()
  }
}

function dial({ protocol, hostname, port }: URL): Socket {
  const host = hostname.replace(/^\[|\]$/g, '')
  if (protocol === 'http:') return connect(Number(port || 80), host)
  return connectTls({ host, port: Number(port || 443), ...(isIP(host) === 0 && { servername: host }) })
}
