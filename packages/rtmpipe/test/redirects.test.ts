import { samples, take } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import {
  type ConnectEvent,
  connect,
  createSelfSignedCertificate,
  createServer,
  deny,
  type Listener,
  type Plugin,
  type Server,
  tcp,
  tls,
} from '../src/index.ts'

interface Listening extends AsyncDisposable {
  readonly server: Server
  readonly url: string
  readonly asked: ConnectEvent[]
}

/** A server that writes down who connects. */
async function listening(plugin: Partial<Plugin> = {}, app = 'live'): Promise<Listening> {
  const asked: ConnectEvent[] = []
  const spy: Plugin = { name: 'spy', onConnect: event => void asked.push(event) }
  const server = createServer({ transports: [tcp({ port: 0 })], plugins: [spy, { name: 'guard', ...plugin }] })
  const [{ address }] = (await server.listen()) as [Listener]
  const url = `rtmp://127.0.0.1:${address.port}/${app}`
  return { server, url, asked, [Symbol.asyncDispose]: () => server.close() }
}

const to = (redirect: string) => deny('NetConnection.Connect.Rejected', 'moved', { ex: { code: 302, redirect } })

describe('a server that sends its clients elsewhere', () => {
  it('is an error with the place, if nobody said to go there', async () => {
    await using old = await listening({ onConnect: () => to('rtmp://other.example/live') })
    await expect(connect(old.url)).rejects.toMatchObject({
      statusCode: 'NetConnection.Connect.Rejected',
      description: 'moved',
      info: { level: 'error', ex: { code: 302, redirect: 'rtmp://other.example/live' } },
    })
  })

  it('is followed if so wanted, with what stands in its URL and nothing else', async () => {
    await using fresh = await listening()
    await using old = await listening({ onConnect: () => to(`${fresh.url}/room?token=t`) })
    await using client = await connect(`${old.url}?key=s3cret`, {
      followRedirects: true,
      args: ['s3cret'],
      properties: { password: 's3cret' },
    })
    expect(old.asked).toMatchObject([{ args: ['s3cret'], commandObject: { password: 's3cret' } }])
    const [{ app, args, commandObject, query }] = fresh.asked as [ConnectEvent]
    expect([app, args, [...query]]).toEqual(['live/room', [], [['token', 't']]])
    expect(JSON.stringify(commandObject)).not.toContain('s3cret')
    await client.publish('name')
    expect(fresh.server.streams.get('live/room', 'name')?.isPublishing).toBe(true)
  })

  it('is followed within one host with all that was given', async () => {
    let url = ''
    await using server = await listening({ onConnect: ({ app }) => (app === 'live' ? to(`${url}2`) : undefined) })
    url = server.url
    await using client = await connect(url, { followRedirects: true, args: ['mine'], properties: { mine: 1 } })
    expect(client.state).toBe('connected')
    expect(server.asked).toMatchObject([
      { app: 'live', args: ['mine'] },
      { app: 'live2', args: ['mine'], commandObject: { mine: 1 } },
    ])
  })

  it('does not get the name and the password that were meant for another', async () => {
    const needed = deny(
      'NetConnection.Connect.Rejected',
      '[ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] : ',
    )
    await using fresh = await listening({ onConnect: () => needed })
    await using old = await listening({ onConnect: () => to(fresh.url) })
    const account = old.url.replace('//', '//studio:s3cret@')
    await expect(connect(account, { followRedirects: true })).rejects.toMatchObject({ description: needed.description })
    expect(fresh.asked).toHaveLength(1)
    expect(JSON.stringify(fresh.asked.map(({ commandObject }) => commandObject))).not.toMatch(/studio|s3cret/)
  })

  it('is followed three times, and no more', async () => {
    let url = ''
    await using server = await listening({ onConnect: () => to(url) })
    url = server.url
    await expect(connect(url, { followRedirects: true })).rejects.toMatchObject({
      code: 'RTMP_ERR_REDIRECT',
      cause: { statusCode: 'NetConnection.Connect.Rejected' },
    })
    expect(server.asked).toHaveLength(4)
  })

  it.each([
    'http://127.0.0.1/live',
    'file:///etc/passwd',
    'rtmp:live',
    'nonsense',
    'rtmp://h/a\u0007b',
    `rtmp://h/${'x'.repeat(9_000)}`,
  ])('is not followed to %j', async redirect => {
    await using server = await listening({ onConnect: () => to(redirect) })
    await expect(connect(server.url, { followRedirects: true })).rejects.toMatchObject({ code: 'RTMP_ERR_REDIRECT' })
  })

  it('is not followed from an encrypted connection to one that is not', async () => {
    await using fresh = await listening()
    const certificate = await createSelfSignedCertificate()
    await using server = createServer({
      transports: [tls({ port: 0, certificate })],
      plugins: [{ name: 'guard', onConnect: () => to(fresh.url) }],
    })
    const [{ address }] = (await server.listen()) as [Listener]
    const url = `rtmps://127.0.0.1:${address.port}/live`
    await expect(connect(url, { followRedirects: true, insecure: true })).rejects.toMatchObject({
      code: 'RTMP_ERR_REDIRECT',
    })
    expect(fresh.asked).toEqual([])
  })
})

describe('a server that sends who publishes or plays elsewhere', () => {
  it('is followed by the only stream of a client', async () => {
    await using fresh = await listening()
    await using old = await listening({ onPublish: () => to(fresh.url), onPlay: () => to(fresh.url) })
    const options = { followRedirects: true, properties: { password: 's3cret' } }
    await using publishing = await connect(old.url, options)
    await using playing = await connect(old.url, options)
    const moved: string[] = []
    publishing.on('reconnect', tcUrl => void moved.push(tcUrl))
    const publisher = await publishing.publish('name')
    const player = await playing.play('name')
    publisher.write(samples.keyframe(0))
    expect(await take(player, 1)).toHaveLength(1)
    expect(moved).toEqual([fresh.url])
    expect(fresh.asked.map(({ commandObject }) => commandObject['password'])).toEqual([undefined, undefined])
  })

  it('is an error where another stream would have to go too', async () => {
    await using fresh = await listening()
    await using old = await listening({
      onPublish: ({ streamName }) => (streamName === 'other' ? to(fresh.url) : undefined),
    })
    await using client = await connect(old.url, { followRedirects: true })
    await client.publish('name')
    await expect(client.publish('other')).rejects.toMatchObject({ info: { ex: { code: 302, redirect: fresh.url } } })
    expect(fresh.asked).toEqual([])
  })

  it('is an error if nobody said to go there', async () => {
    await using old = await listening({ onPlay: () => to('rtmp://other.example/live') })
    await using client = await connect(old.url)
    await expect(client.play('name')).rejects.toMatchObject({
      info: { ex: { code: 302, redirect: 'rtmp://other.example/live' } },
    })
  })

  it('is an error if it sends them round and round', async () => {
    let url = ''
    await using server = await listening({ onPlay: () => to(url) })
    url = server.url
    await using client = await connect(url, { followRedirects: true })
    await expect(client.play('name')).rejects.toMatchObject({ code: 'RTMP_ERR_RECONNECTS' })
    expect(server.asked).toHaveLength(4)
  })
})
