import { authmod, type AuthmodMethod } from '@rtmpipe/plugins/auth'
import { samples, take } from '@rtmpipe/testing'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import {
  type ConnectEvent,
  type ConnectionInfo,
  connect,
  createServer,
  deny,
  type Listener,
  type Plugin,
  type Server,
  tcp,
} from '../src/index.ts'

const users = { studio: 's3cret', 'a@b': 'p:w/?&= %' }

interface Watched {
  server: Server
  host: string
  seen: string[]
  /** Who came last. */
  last: () => ConnectionInfo
}

async function serverWith(plugin: Plugin): Promise<Watched> {
  const seen: string[] = []
  const connections: ConnectionInfo[] = []
  const onConnect = ({ connection }: ConnectEvent) => {
    seen.push(connection.tcUrl)
    connections.push(connection)
  }
  const watch: Plugin = { name: 'watch', onConnect }
  const server = createServer({ transports: [tcp({ port: 0 })], plugins: [watch, plugin] })
  const [{ address }] = (await server.listen()) as [Listener]
  return { server, host: `127.0.0.1:${address.port}`, seen, last: () => connections.at(-1) as ConnectionInfo }
}

describe.each<AuthmodMethod>(['adobe', 'llnw'])('connect with name and password, authmod=%s', method => {
  it.each(['live', 'live/room', 'live?x=1', 'live/_definst_'])('logs in to %s', async app => {
    const { server, host, seen } = await serverWith(authmod({ users, method }))
    await using _ = server
    await using client = await connect(`rtmp://studio:s3cret@${host}/${app}`)
    const publishing = await client.publish('name')
    expect(publishing.destroyed).toBe(false)
    expect(seen).toHaveLength(3)
    expect(seen[0]).toBe(`rtmp://${host}/${app}`)
    expect(seen.join('\n')).not.toContain('s3cret')
  })

  it('takes them decoded from the URL', async () => {
    const { server, host } = await serverWith(authmod({ users, method }))
    await using _ = server
    const login = Object.entries(users)[1]?.map(encodeURIComponent).join(':')
    await using client = await connect(`rtmp://${login}@${host}/live`)
    expect(client.state).toBe('connected')
  })

  it('logs in again when it is asked to connect again', async () => {
    const { server, host, seen, last } = await serverWith(authmod({ users, method }))
    await using _ = server
    await using client = await connect(`rtmp://studio:s3cret@${host}/live?x=1`)
    const stream = await client.publish('name')
    const moved = once(client, 'reconnect')
    expect(last().requestReconnect()).toBe(true)
    expect(await moved).toEqual([`rtmp://${host}/live?x=1`])
    expect(seen).toHaveLength(6)
    // Every question is answered on its own: what was said last time is not said again.
    expect(seen[3]).toBe(`rtmp://${host}/live?x=1`)
    const player = await (await connect(`rtmp://studio:s3cret@${host}/live`)).play('name')
    stream.write(samples.audio(40))
    expect(await take(player, 1)).toMatchObject([{ timestamp: 40 }])
  })

  it('answers nobody else who sends for it', async () => {
    const [from, to] = [await serverWith(authmod({ users, method })), await serverWith(authmod({ users, method }))]
    await using _ = from.server
    await using __ = to.server
    await using client = await connect(`rtmp://studio:s3cret@${from.host}/live`)
    const failed = once(client, 'reconnectFailed')
    expect(from.last().requestReconnect({ tcUrl: `rtmp://${to.host}/live` })).toBe(true)
    expect(await failed).toMatchObject([{ statusCode: 'NetConnection.Connect.Rejected' }])
    expect(to.seen).toEqual([`rtmp://${to.host}/live`])
    expect(client.state).toBe('connected')
  })

  it.each([
    ['studio:wrong@', '?reason=authfailed', 3],
    ['nobody:s3cret@', '?reason=authfailed', 3],
    ['', `code=403 need auth; authmod=${method}`, 1],
  ])('is told that %j will not do', async (login, description, attempts) => {
    const { server, host, seen } = await serverWith(authmod({ users, method }))
    await using _ = server
    await expect(connect(`rtmp://${login}${host}/live`)).rejects.toMatchObject({
      code: 'RTMP_ERR_STATUS',
      statusCode: 'NetConnection.Connect.Rejected',
      description: expect.stringContaining(description) as string,
    })
    expect(seen).toHaveLength(attempts)
  })
})

describe('a server that only asks', () => {
  it.each([
    ['the same again and again', '[ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] : ', 3],
    ['for another answer each time', '[ authmod=adobe ] : ?reason=needauth&user=u&salt=s&challenge=c', 3],
    ['for a way that is not known', '[ code=403 need auth; authmod=other ] : ', 1],
    ['nothing', 'no', 1],
  ])('%s is left', async (_what, description, attempts) => {
    const plugin: Plugin = { name: 'asks', onConnect: () => deny('NetConnection.Connect.Rejected', description) }
    const { server, host, seen } = await serverWith(plugin)
    await using _ = server
    await expect(connect(`rtmp://studio:s3cret@${host}/live`)).rejects.toMatchObject({ description })
    expect(seen).toHaveLength(attempts)
  })
})
