import { RtmpClient } from '@rtmpipe/session'
import { messagePair, type TestServer } from '@rtmpipe/testing'

/** A client that comes from that address. */
export async function connectFrom(server: TestServer, address: string, app: string): Promise<RtmpClient> {
  const [near, far] = messagePair()
  server.server.serve(far, { transport: 'rtmp', secure: false, remote: { address, port: 4711 } })
  const client = new RtmpClient(near)
  await client.connect({ app, tcUrl: `rtmp://server/${app}` })
  return client
}
