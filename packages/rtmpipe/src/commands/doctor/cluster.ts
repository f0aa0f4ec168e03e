import type { ServeConfig } from '../../sections/index.ts'
import { loadClusterNats } from '../../serve/nats.ts'
import { type Finding, fine, problem, warning } from './finding.ts'

/** Whether the NATS servers that machines meet at can be used: they are connected to and logged in at. */
export async function clusterFindings({ cluster }: ServeConfig): Promise<readonly Finding[]> {
  if (cluster === undefined) return []
  const { examineServers } = await loadClusterNats()
  try {
    const servers = await examineServers(cluster.nats)
    const isAnyThere = servers.some(({ fault }) => fault === undefined)
    return servers.map(({ server, version, fault, isAway }) => {
      if (fault === undefined) return fine('cluster', `the NATS server at ${server} can be used, and is ${version}`)
      // Another one is taken meanwhile.
      const found = isAway && isAnyThere ? warning : problem
      return found('cluster', `the NATS server at ${server} ${fault.text}`, fault.advice)
    })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'RTMP_ERR_USAGE') throw error
    return [problem('cluster', message, 'name another file in cluster.nats.credentials, which this user may read')]
  }
}
