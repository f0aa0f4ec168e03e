import { RtmpClient } from '../../../src/client/rtmp-client.ts'
import { messagePair } from '@rtmpipe/testing'
import { RawPeer } from '../../support/raw-peer.ts'

/** A connected client, and a server that says what the test tells it to. */
export async function connectedClient(): Promise<{ client: RtmpClient; server: RawPeer }> {
  const [near, far] = messagePair()
  const client = new RtmpClient(near)
  const server = new RawPeer(far)
  const connecting = client.connect({ app: 'live', tcUrl: 'rtmp://h/live' })
  await server.next()
  await server.next()
  server.command(0, '_result', 1, {}, { level: 'status', code: 'NetConnection.Connect.Success', description: 'ok' })
  await connecting
  await server.next()
  return { client, server }
}
