import { availableParallelism } from 'node:os'
import type { ServeConfig } from '../../sections/index.ts'
import { isOn } from '../../sections/server.ts'
import { type Finding, fine, warning } from './finding.ts'

/** What can be set, and is seldom meant. */
export function settingFindings(config: ServeConfig, processors: number = availableParallelism()): readonly Finding[] {
  const { host, rtmpt, auth, plugins = [], tlsCompat, workers, trustProxy, rtmfpKeylog } = config
  const findings: Finding[] = []
  if (isLoopback(host)) findings.push(fine('configuration', `host ${host}: only this machine can connect`))
  else if (Object.values(auth ?? {}).every(part => part === undefined) && plugins.length === 0)
    findings.push(
      warning(
        'configuration',
        `host ${host}: everybody who can connect may publish and play`,
        'set auth, as auth.publishKeys (--publish-key KEY), or host 127.0.0.1',
      ),
    )
  if (!isLoopback(host) && isOn(rtmpt))
    findings.push(
      warning(
        'configuration',
        `rtmpt ${rtmpt} on ${host}: whoever reads along learns the admin token`,
        'use the port of rtmpts, or put a proxy that speaks TLS in front, and keep this one behind the firewall',
      ),
    )
  if (tlsCompat)
    findings.push(
      warning(
        'configuration',
        'tlsCompat offers TLS 1.0, 1.1 and weak ciphers',
        'switch it off unless an old camera needs it',
      ),
    )
  if (rtmfpKeylog !== undefined)
    findings.push(
      warning(
        'configuration',
        `rtmfpKeylog ${rtmfpKeylog}: whoever has this file can read what RTMFP carries`,
        'leave it out unless you are looking for a fault, and delete the file afterwards',
      ),
    )
  if (typeof trustProxy === 'number' && trustProxy > 0 && !isLoopback(host))
    findings.push(
      warning(
        'configuration',
        `trustProxy ${trustProxy} on ${host}: whoever reaches an HTTP port without the proxy can claim any address`,
        'give the addresses of the proxies instead of their number, or keep the ports behind the firewall',
      ),
    )
  if (workers > processors)
    findings.push(
      warning(
        'configuration',
        `${workers} workers share ${processors} ${processors === 1 ? 'processor' : 'processors'}`,
        `set workers to ${processors} or less: more of them only wait for each other`,
      ),
    )
  return findings
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}
