import { connect, type Plugin, type RtmpClient, RtmpServer } from '@rtmpipe/session'
import { afterEach } from 'vitest'
import { rtmfp } from '../../src/index.ts'

const clients: RtmpClient[] = []
const servers: RtmpServer[] = []

afterEach(async () => {
  await Promise.all(clients.splice(0).map(client => client.close()))
  await Promise.all(servers.splice(0).map(server => server.close()))
})

/** A server over UDP, and clients of it. */
export interface Served {
  readonly server: RtmpServer
  /** @param connectTimeout milliseconds that a peer may take, too */
  connect(app?: string, connectTimeout?: number): Promise<RtmpClient>
}

export async function serve(...plugins: readonly Plugin[]): Promise<Served> {
  const server = new RtmpServer({ transports: [rtmfp({ port: 0 })], plugins })
  servers.push(server)
  const [listener] = await server.listen()
  return {
    server,
    async connect(app = 'live', connectTimeout = 5_000) {
      const transports = [rtmfp({ connectTimeout })]
      const client = await connect(`rtmfp://127.0.0.1:${listener?.address.port}/${app}`, { transports })
      clients.push(client)
      return client
    },
  }
}

export function idOf({ nearId }: RtmpClient): string {
  if (nearId === undefined) throw new Error('a client without an id')
  return nearId
}
