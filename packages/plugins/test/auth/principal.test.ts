import { type Context, type Plugin, PRINCIPAL, type Principal, type StatusError } from '@rtmpipe/session'
import { TestServer } from '@rtmpipe/testing'
import { SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import {
  answerAuthmod,
  authmod,
  httpCallback,
  jwtAuth,
  publishKeys,
  signedUrls,
  signUrl,
} from '../../src/auth/index.ts'
import { quotas } from '../../src/quotas/index.ts'
import { CallbackServer } from './support/callback-server.ts'
import { logLines } from './support/log-lines.ts'

const secret = 'a secret of at least thirty-two bytes'

/** Servers with these plugins, and what the last publisher has proved to be. */
function serverWith(...plugins: Plugin[]): { server: TestServer; principals: (Principal | undefined)[] } {
  const principals: (Principal | undefined)[] = []
  const spy: Plugin = { name: 'spy', onPublishStart: ({ principal }) => void principals.push(principal) }
  return { server: new TestServer({ plugins: [...plugins, spy] }), principals }
}

function token(claims: object): Promise<string> {
  const jwt = new SignJWT({ rtmp: { publish: '**' }, ...claims }).setProtectedHeader({ alg: 'HS256' })
  return jwt.setExpirationTime('1h').sign(new TextEncoder().encode(secret))
}

function signed(path: string, seconds = 0): string {
  const expires = new Date(Date.now() + 3_600_000 + seconds * 1_000)
  return signUrl(`rtmp://host/${path}`, { key: secret, action: 'publish', expires }).slice('rtmp://host/'.length)
}

/** `app` with a query that logs `studio` in, once. */
async function loggedIn(server: TestServer): Promise<string> {
  const refused: unknown = await server.connect('live?authmod=adobe&user=studio').catch((error: unknown) => error)
  const { description } = refused as StatusError
  return `live?${answerAuthmod(description, { user: 'studio', password: 'pw' }, 'live')}`
}

describe('who somebody has proved to be', () => {
  it('by a key: always the same digits, which are not the key, nor its plain hash', async () => {
    const { server, principals } = serverWith(publishKeys({ keys: ['one', 'two'], parameter: 'k' }))
    await using _ = server
    for (const name of ['a?k=one', 'b?k=one', 'c?k=two']) await server.publish(`live/${name}`)
    const [first, second, third] = principals
    expect(first).toEqual({ id: expect.stringMatching(/^[0-9a-f]{16}$/), by: 'publish-keys' })
    expect(second).toEqual(first)
    expect(third?.id).not.toBe(first?.id)
  })

  it('by a signed URL: who has the URL', async () => {
    const [one, two] = [serverWith(signedUrls({ keys: secret })), serverWith(signedUrls({ keys: secret }))]
    await using _one = one.server
    await using _two = two.server
    const url = signed('live/a')
    await one.server.publish(url)
    await two.server.publish(`${url}&more=1`)
    await two.server.publish(signed('live/b'))
    expect(one.principals).toEqual([{ id: expect.stringMatching(/^[0-9a-f]{16}$/), by: 'signed-urls' }])
    expect(two.principals[0]).toEqual(one.principals[0])
    expect(two.principals[1]?.id).not.toBe(one.principals[0]?.id)
  })

  it('by a token: its subject, or the token itself', async () => {
    const { server, principals } = serverWith(jwtAuth({ key: { secret } }))
    await using _ = server
    const anonymous = await token({})
    for (const [name, jwt] of [['a', await token({ sub: 'alice' })] as const, ['b', anonymous] as const])
      await server.publish(`live/${name}?token=${jwt}`)
    expect(principals).toEqual([
      { id: 'alice', by: 'jwt-auth' },
      { id: expect.stringMatching(/^token [0-9a-f]{16}$/), by: 'jwt-auth' },
    ])
  })

  it('by a login: the name, of every publish of the connection', async () => {
    const { server, principals } = serverWith(authmod({ users: { studio: 'pw' } }))
    await using _ = server
    const client = await server.connect(await loggedIn(server))
    await client.publish('a?user=other')
    await client.publish('b')
    expect(principals).toEqual([1, 2].map(() => ({ id: 'studio', by: 'authmod' })))
  })

  it('by a web server: whom it names; and it is told whom others know', async () => {
    await using web = await CallbackServer.start()
    web.answer = () => ({ body: '{"user":"carol"}' })
    const keys = publishKeys({ keys: ['one'] })
    const { server, principals } = serverWith(keys, httpCallback({ url: { publish: web.url, publishEnd: web.url } }))
    await using _ = server
    const publisher = await server.publish('live/a?key=one&user=somebody')
    expect(principals).toEqual([{ id: 'carol', by: 'http-callback' }])
    publisher.end()
    await web.heard(2)
    const users = web.bodies.map(body => (JSON.parse(body) as { user: string }).user)
    expect(users).toEqual([expect.stringMatching(/^[0-9a-f]{16}$/), 'carol'])
  })

  it('by a web server that names and renames, and by several of which the last names nobody', async () => {
    await using web = await CallbackServer.start()
    web.answer = ({ path }) => ({ body: path === '/one' ? '{"user":"carol","streamName":"inner"}' : '{"user":7}' })
    const { server, principals } = serverWith(httpCallback({ url: { publish: [`${web.url}/one`, `${web.url}/two`] } }))
    await using _ = server
    await server.publish('live/a')
    expect(principals).toEqual([{ id: 'carol', by: 'http-callback' }])
    expect(server.server.streams.get('live', 'inner')?.isPublishing).toBe(true)
  })

  it('is nobody for a web server when nothing is proved, whatever the client calls itself', async () => {
    await using web = await CallbackServer.start()
    const { server, principals } = serverWith(httpCallback({ url: { publish: web.url } }))
    await using _ = server
    await server.publish('live/a?user=admin')
    expect(JSON.parse(web.bodies[0] ?? '')).toMatchObject({ user: '', query: 'user=admin' })
    expect(principals).toEqual([undefined])
  })

  it('is in the log without the secret that proved it', async () => {
    const lines: string[] = []
    const jwt = await token({})
    const url = signed('live/signed')
    const plugins = [publishKeys({ keys: ['s3cret'] }), jwtAuth({ key: { secret } }), signedUrls({ keys: secret })]
    for (const [index, path] of ['live/a?key=s3cret', `live/b?token=${jwt}`, url].entries()) {
      await using server = new TestServer({ plugins: [plugins[index] as Plugin], log: logLines(lines) })
      await server.publish(path)
    }
    const started = lines.filter(line => line.includes('publish started'))
    expect(started).toHaveLength(3)
    for (const line of started) expect(line).toMatch(/"principal":"(token )?[0-9a-f]{16}"/)
    const [, signature = ''] = /sig=([\w-]+)/.exec(url) ?? []
    for (const hidden of ['s3cret', jwt, signature, secret]) expect(lines.join('\n')).not.toContain(hidden)
  })
})

describe('streamsPerKey counts by who it is', () => {
  const full = { statusCode: 'NetStream.Publish.Denied', description: '1 streams are published with this key already' }

  it('keys, whatever the parameter is called', async () => {
    const { server } = serverWith(publishKeys({ keys: ['one', 'two'], parameter: 'k' }), quotas({ streamsPerKey: 1 }))
    await using _ = server
    await server.publish('live/a?k=one')
    await expect(server.publish('live/b?k=one&key=made-up')).rejects.toMatchObject(full)
    await server.publish('live/b?k=two&key=made-up')
  })

  it('users of tokens, whichever of their tokens it is', async () => {
    const { server } = serverWith(jwtAuth({ key: { secret } }), quotas({ streamsPerKey: 1 }))
    await using _ = server
    await server.publish(`live/a?token=${await token({ sub: 'alice', jti: '1' })}`)
    const again = `live/b?token=${await token({ sub: 'alice', jti: '2' })}`
    await expect(server.publish(again)).rejects.toMatchObject(full)
    await server.publish(`live/b?token=${await token({ sub: 'bob' })}`)
  })

  it('logins', async () => {
    const { server } = serverWith(authmod({ users: { studio: 'pw' } }), quotas({ streamsPerKey: 1 }))
    await using _ = server
    const [one, two] = [await server.connect(await loggedIn(server)), await server.connect(await loggedIn(server))]
    await one.publish('a')
    await expect(two.publish('b')).rejects.toMatchObject(full)
  })

  it('signed URLs, also where they are published under several names', async () => {
    let count = 0
    const rename: Plugin = { name: 'rename', onPublish: () => ({ streamName: `part ${(count += 1)}` }) }
    const { server } = serverWith(quotas({ streamsPerKey: 1 }), signedUrls({ keys: secret }), rename)
    await using _ = server
    const url = signed('live/a')
    await server.publish(url)
    await expect(server.publish(url)).rejects.toMatchObject(full)
    await server.publish(signed('live/a', 60))
  })

  it('never a key that is only claimed as that of somebody who has proved to be it', async () => {
    const { server, principals } = serverWith(
      { name: 'some', onPublish: ({ query, context }) => void (query.has('in') && keyed(context)) },
      quotas({ streamsPerKey: 1 }),
    )
    await using _ = server
    await server.publish('live/a?in')
    const { by = '', id = '' } = principals[0] ?? {}
    const claims = [id, JSON.stringify([by, id]), `principal ${JSON.stringify([by, id])}`]
    for (const [index, claim] of claims.entries())
      await server.publish(`live/${index}?key=${encodeURIComponent(claim)}`)
    await expect(server.publish('live/b?in')).rejects.toMatchObject(full)
  })

  it('what keyOf says, if it is there', async () => {
    const keyOf = ({ app }: { app: string }) => app
    const { server } = serverWith(publishKeys({ keys: ['one', 'two'] }), quotas({ streamsPerKey: 1, keyOf }))
    await using _ = server
    await server.publish('live/a?key=one')
    await expect(server.publish('live/b?key=two')).rejects.toMatchObject(full)
    await server.publish('other/b?key=one')
  })
})

function keyed(context: Context): void {
  context.set(PRINCIPAL, { id: 'alice', by: 'some' })
}
