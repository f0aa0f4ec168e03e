import type { ClusterReport } from './report.ts'

/** What a fabric of many machines counts, such as `natsFabric()` of `@rtmpipe/cluster-nats` in its `stats`. */
export interface ClusterStats extends Omit<ClusterReport, 'connections' | 'connected' | 'servers'> {
  /** HOST:PORT that each connection has reached; undefined for one that is down. */
  readonly connected: readonly (string | undefined)[]
}

export function clusterReport({ connected, ...counts }: ClusterStats): ClusterReport {
  const { joined, offered, reconnects, frozen, dropped, droppedBytes, late, holes, rejoins, lost } = counts
  const up = connected.filter(server => server !== undefined)
  const now = { connections: connected.length, connected: up.length, servers: [...new Set(up)], joined, offered }
  return { ...now, reconnects, frozen, dropped, droppedBytes, late, holes, rejoins, lost }
}

/** One report of several processes, each with connections of its own; undefined when none has a cluster. */
export function mergedCluster(all: readonly ClusterReport[]): ClusterReport | undefined {
  return all.length === 0 ? undefined : all.reduce(sum)
}

function sum(one: ClusterReport, other: ClusterReport): ClusterReport {
  return {
    connections: one.connections + other.connections,
    connected: one.connected + other.connected,
    servers: [...new Set([...one.servers, ...other.servers])],
    joined: one.joined + other.joined,
    offered: one.offered + other.offered,
    reconnects: one.reconnects + other.reconnects,
    frozen: one.frozen + other.frozen,
    dropped: one.dropped + other.dropped,
    droppedBytes: one.droppedBytes + other.droppedBytes,
    late: one.late + other.late,
    holes: one.holes + other.holes,
    rejoins: one.rejoins + other.rejoins,
    lost: one.lost + other.lost,
  }
}
