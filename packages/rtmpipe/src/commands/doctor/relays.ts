import { lookup } from 'node:dns/promises'
import type { ServeConfig } from '../../sections/index.ts'
import { type Finding, fine, problem } from './finding.ts'
import { inTime } from './in-time.ts'

/** Milliseconds for a name. */
const patience = 5_000

/** Whether the names of the servers that streams are sent to and fetched from have addresses. */
export async function relayFindings({ relay }: ServeConfig): Promise<readonly Finding[]> {
  const urls = [...(relay?.push?.to ?? []), ...(relay?.pull ? [relay.pull.from] : [])]
  const hosts = [...new Set(urls.map(hostOf))]
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

/** Of a URL that has been checked; without user and password. */
function hostOf(url: string): string {
  const [, host = ''] = /^[^:]+:\/\/(?:[^/?#]*@)?(\[[^\]]+\]|[^:/?#]+)/.exec(url) ?? []
  return host.replace(/^\[|\]$/g, '')
}
