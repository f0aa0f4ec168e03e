import { TestServer } from '@rtmpipe/testing'
import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import type { ConnectionInfo } from '../../src/contract/connection-info.ts'
import type { PeerRequest } from '../../src/contract/peer-info.ts'
import type { Plugin } from '../../src/contract/plugin.ts'
import { RawServer } from '../support/raw-server.ts'

const request: PeerRequest = {
  url: '/rtmp?token=s3cret',
  headers: { host: 'example.org', cookie: 'session=s3cret', authorization: 'Bearer s3cret' },
}

/** Remembers the connections that gates are shown. */
function watcher(): { plugin: Plugin; seen: ConnectionInfo[] } {
  const seen: ConnectionInfo[] = []
  const look = ({ connection }: { readonly connection: ConnectionInfo }) => void seen.push(connection)
  return { plugin: { name: 'watcher', onConnect: look, onPublish: look, onPlay: look }, seen }
}

it('gates see the HTTP request that a client came with', async () => {
  const { plugin, seen } = watcher()
  await using server = new RawServer({ plugins: [plugin] })
  const peer = server.peer('192.0.2.1', { request })
  await peer.publish('a')
  await peer.command(await peer.createStream(), 'play', 0, null, 'b').replies()
  await server.peer().connect()
  expect(seen.map(connection => connection.request)).toEqual([request, request, request, undefined])
})

it('who plays in this process may have one too', async () => {
  const { plugin, seen } = watcher()
  await using server = new TestServer({ plugins: [plugin] })
  const remote = { address: '192.0.2.1', port: 1 }
  const player = await server.server.play('live', 'a', { transport: 'http-flv', remote, request })
  player.destroy()
  expect(seen.map(connection => connection.request)).toEqual([request, request])
})

it('its secrets are in no line of the log, and in nothing that writes out a connection', async () => {
  const { plugin, seen } = watcher()
  await using server = new RawServer({ plugins: [plugin] })
  const peer = server.peer('192.0.2.1', { request })
  await peer.publish('a')
  peer.command(0, 'connect', 1, { app: 'live' })
  await peer.rest()
  const [connection = expect.unreachable()] = seen
  const described = [
    JSON.stringify(server.log.lines),
    inspect(connection, { depth: 5 }),
    JSON.stringify({ ...connection, server: 0, hooks: 0, peer: 0, log: 0 }),
  ]
  expect(described.join()).not.toContain('s3cret')
  expect(described.join()).toContain('192.0.2.1')
})
