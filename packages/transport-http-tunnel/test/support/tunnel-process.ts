import type { Colleagues } from '../../src/server/colleagues.ts'
import { TunnelServer } from '../../src/server/tunnel-server.ts'
import { Accepted, rawClient } from './bench.ts'
import type { RawClient } from './raw-client.ts'
import { serving } from './serving.ts'

/** One of several that requests of any session may come to. */
export interface TunnelProcess {
  readonly sessions: TunnelServer
  readonly accepted: Accepted
  raw(): Promise<RawClient>
}

export async function tunnelProcess(name: string, colleagues: Colleagues): Promise<TunnelProcess> {
  const accepted = new Accepted()
  const sessions = new TunnelServer({ name, colleagues, accept: accepted.accept })
  const { port } = await serving(sessions)
  return { sessions, accepted, raw: () => rawClient(port) }
}
