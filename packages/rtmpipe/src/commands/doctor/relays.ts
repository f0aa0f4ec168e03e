import { lookup } from 'node:dns/promises'
import { proxyFor, urlHost } from '@rtmpipe/net'
import type { ServeConfig } from '../../sections/index.ts'
import { type Finding, fine, problem } from './finding.ts'
import { inTime } from './in-time.ts'

/** Milliseconds for a name. */
const patience = 5_000

/** Whether the names of the servers that streams are sent to and fetched from, or of the proxies there, have addresses. */
export async function relayFindings({ relay: { push, pull } = {} }: ServeConfig): Promise<readonly Finding[]> {
  const urls = [
    ...(push?.to ?? []).map(url => ({ url, proxy: push?.proxy })),
    ...(pull ? [{ url: pull.from, proxy: pull.proxy }] : []),
  ]
  const hosts = [...new Set(urls.map(({ url, proxy }) => dialledHost(url, proxy)))]
  return await Promise.all(hosts.map(hostFinding))
}

async function hostFinding(host: string): Promise<Finding> {
  try {
    const addresses = await inTime(lookup(host, { all: true }), patience)
    return fine('relay', `${host} is ${addresses.map(({ address }) => address).join(', ')}`)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const advice = 'correct the name in relay, or look at the name servers of this machine (/etc/resolv.conf)'
    return problem('relay', `${host} has no address: ${code ?? message}`, advice)
  }
}

/** Of a URL that has been checked; without user and password. A proxy finds the address of the server. */
function dialledHost(text: string, proxy: string | false | undefined): string {
  const url = new URL(text)
  return proxyFor(url, proxy, process.env)?.host ?? urlHost(url)
}
