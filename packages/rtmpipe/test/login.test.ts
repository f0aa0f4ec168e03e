import { authmod, type AuthmodMethod } from '@rtmpipe/plugins/auth'
import { describe, expect, it } from 'vitest'
import {
  type ConnectEvent,
  connect,
  createServer,
  deny,
  type Listener,
  type Plugin,
  type Server,
  tcp,
} from '../src/index.ts'

const users = { studio: 's3cret', 'a@b': 'p:w/?&= %' }

async function serverWith(plugin: Plugin): Promise<{ server: Server; host: string; seen: string[] }> {
  const seen: string[] = []
  const watch: Plugin = { name: 'watch', onConnect: ({ connection }: ConnectEvent) => void seen.push(connection.tcUrl) }
  const server = createServer({ transports: [tcp({ port: 0 })], plugins: [watch, plugin] })
  const [{ address }] = (await server.listen()) as [Listener]
  return { server, host: `127.0.0.1:${address.port}`, seen }
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

  it.each([
    ['studio:wrong@', '?reason=authfailed', 3],
    ['nobody:s3cret@', '?reason=authfailed', 3],
    ['', `code=403 need auth; authmod=${method}`, 1],
  ])('is told that %j will not do', async (login, description, attempts) => {
    const { server, host, seen } = await serverWith(authmod({ users, method }))
    await using _ = server
    await expect(connect(`rtmp://${login}${host}/live`)).rejects.toMatchObject({
      code: 'RTMP_ERR_STATUS',
      status: 'NetConnection.Connect.Rejected',
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
