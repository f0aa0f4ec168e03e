import { type ConnectionInfo, deny, type Denial, type GateHooks } from '@rtmpipe/session'
import { Members } from './members.ts'

/** Counts connections from their `connect` until they have closed, whatever became of them. */
export function limitConnections(limit: number): Pick<GateHooks, 'onConnect'> {
  const connections = new Members<ConnectionInfo>()
  return {
    onConnect({ connection }): Denial | undefined {
      const { address } = connection.remote
      if (connections.count(address) >= limit)
        return deny('NetConnection.Connect.Rejected', `${limit} connections come from this address already`)
      if (connection.signal.aborted) return undefined
      connections.add(address, connection)
      connection.signal.addEventListener('abort', () => connections.delete(address, connection), { once: true })
      return undefined
    },
  }
}
