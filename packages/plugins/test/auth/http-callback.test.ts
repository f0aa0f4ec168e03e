import { createHmac } from 'node:crypto'
import { type Logger, silentLogger } from '@rtmpipe/session'
import { TestServer } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { type CallbackRelay, httpCallback, type HttpCallbackOptions } from '../../src/auth/index.ts'
import { CallbackQueue } from '../../src/auth/http-callback/callback-queue.ts'
import { type Answer, CallbackServer } from './support/callback-server.ts'
import { logLines } from './support/log-lines.ts'

const denied = { statusCode: 'NetStream.Publish.Denied' }
const unknown = { ...denied, description: 'it could not be found out whether this is allowed' }

function serverWith(options: HttpCallbackOptions, log: Logger = silentLogger): TestServer {
  return new TestServer({ plugins: [httpCallback(options, log)], log })
}

describe('which answers allow', () => {
  it.each<[NonNullable<HttpCallbackOptions['format']>, Answer, boolean]>([
    ['nginx-rtmp', { status: 200 }, true],
    ['nginx-rtmp', { status: 299, body: 'no' }, true],
    ['nginx-rtmp', { status: 302 }, false],
    ['nginx-rtmp', { status: 302, headers: { location: 'a/../b' } }, false],
    ['nginx-rtmp', { status: 302, headers: { location: 'rtmp://elsewhere/live/name' } }, false],
    ['nginx-rtmp', { status: 404 }, false],
    ['nginx-rtmp', { status: 500 }, false],
    ['srs', { status: 200, body: '0' }, true],
    ['srs', { status: 201, body: '{"code":0,"data":null}' }, true],
    ['srs', { status: 200, body: '' }, false],
    ['srs', { status: 200, body: 'OK' }, false],
    ['srs', { status: 200, body: '1' }, false],
    ['srs', { status: 200, body: '{"code":100}' }, false],
    ['srs', { status: 202, body: '0' }, false],
    ['srs', { status: 403, body: '{"code":0}' }, false],
    ['mediamtx', { status: 200 }, true],
    ['mediamtx', { status: 204 }, true],
    ['mediamtx', { status: 210 }, false],
    ['mediamtx', { status: 401 }, false],
    ['rtmpipe', { status: 204 }, true],
    ['rtmpipe', { status: 200, body: 'whatever' }, true],
    ['rtmpipe', { status: 302, headers: { location: 'other' } }, false],
    ['rtmpipe', { status: 403 }, false],
    ['rtmpipe', { status: 200, body: '{"streamName":"a\\u0000b"}' }, false],
  ])('%s, %j: %s', async (format, answer, allows) => {
    await using web = await CallbackServer.start()
    web.answer = () => answer
    await using server = serverWith({ url: { publish: web.url }, format })
    const publish = server.publish('live/name')
    if (allows) await publish
    else await expect(publish).rejects.toMatchObject({ ...denied, description: 'not allowed' })
    expect(web.received).toHaveLength(1)
  })

  it('each gate is refused with a status that clients know', async () => {
    await using web = await CallbackServer.start()
    web.answer = ({ path }) => ({ status: path === '/no' ? 403 : 200 })
    const no = `${web.url}/no`
    await expect(serverWith({ url: { connect: no } }).connect('live')).rejects.toMatchObject({
      statusCode: 'NetConnection.Connect.Rejected',
    })
    await expect(serverWith({ url: { play: no } }).play('live/name')).rejects.toMatchObject({
      statusCode: 'NetStream.Play.Failed',
    })
  })

  it('the reason of an answer is told to the client, but not at any length', async () => {
    await using web = await CallbackServer.start()
    web.answer = () => ({ status: 402, body: JSON.stringify({ description: `pay first${'!'.repeat(1_000)}` }) })
    await using server = serverWith({ url: { publish: web.url } })
    await expect(server.publish('live/name')).rejects.toMatchObject({
      description: `pay first${'!'.repeat(191)}`,
    })
  })
})

describe('an answer can rename', () => {
  it.each<[NonNullable<HttpCallbackOptions['format']>, Answer]>([
    ['nginx-rtmp', { status: 302, headers: { location: Buffer.from('innén').toString('latin1') } }],
    // Not in UTF-8, as a client could send it too.
    ['nginx-rtmp', { status: 302, headers: { location: 'innén' } }],
    ['rtmpipe', { body: '{"streamName":"innén"}' }],
  ])('%s', async (format, answer) => {
    await using web = await CallbackServer.start()
    web.answer = () => answer
    const names: string[] = []
    const told = {
      name: 'told',
      onPublishStart: ({ streamName }: { streamName: string }) => void names.push(streamName),
    }
    await using server = new TestServer({
      plugins: [httpCallback({ url: { publish: web.url }, format }), told],
    })
    await server.publish('live/outer')
    expect(names).toEqual(['innén'])
  })

  it('or have the stream relayed, which is handed to who can', async () => {
    await using web = await CallbackServer.start()
    web.answer = () => ({ status: 301, headers: { location: 'rtmp://elsewhere/live/name' } })
    const relays: CallbackRelay[] = []
    const onRelay = (relay: CallbackRelay) => void relays.push(relay)
    const url = { publish: web.url, play: web.url }
    await using server = serverWith({ url, format: 'nginx-rtmp', onRelay })
    await server.publish('live/name')
    await server.play('live/name')
    const common = { url: 'rtmp://elsewhere/live/name', app: 'live', streamName: 'name' }
    expect(relays).toMatchObject([
      { ...common, action: 'publish' },
      { ...common, action: 'play' },
    ])
  })
})

describe('without an answer', () => {
  it('nobody gets in: no server, a cut connection, a server that says nothing, an answer without end', async () => {
    await using web = await CallbackServer.start()
    const gone = await CallbackServer.start()
    const url = gone.url
    await gone[Symbol.asyncDispose]()
    const lines: string[] = []
    await using closed = serverWith({ url: { publish: `${url}/x?s3cret=1` } }, logLines(lines))
    await expect(closed.publish('live/name?token=s3cret')).rejects.toMatchObject(unknown)
    expect(lines.filter(line => line.includes('a callback failed'))).toHaveLength(1)
    expect(lines.filter(line => line.includes('s3cret'))).toEqual([])

    const answers: Answer[] = ['reset', 'never', { body: 'x'.repeat(100_000) }]
    for (const answer of answers) {
      web.answer = () => answer
      await using server = serverWith({ url: { publish: web.url }, timeout: 100, retries: 0 })
      await expect(server.publish('live/name')).rejects.toMatchObject(unknown)
    }
  })

  it('it asks again, as the same question', async () => {
    await using web = await CallbackServer.start()
    web.answer = () => (web.received.length < 3 ? 'reset' : {})
    await using server = serverWith({ url: { publish: web.url }, retries: 2 })
    await server.publish('live/name')
    expect(web.received).toHaveLength(3)
    expect(new Set(web.received.map(({ headers }) => headers['idempotency-key'])).size).toBe(1)
    await server.publish('live/other')
    expect(new Set(web.received.map(({ headers }) => headers['idempotency-key'])).size).toBe(2)
  })

  it('but takes a bad answer for an answer', async () => {
    await using web = await CallbackServer.start()
    web.answer = () => ({ status: 500 })
    await using server = serverWith({ url: { publish: web.url }, retries: 2 })
    await expect(server.publish('live/name')).rejects.toMatchObject({ description: 'not allowed' })
    expect(web.received).toHaveLength(1)
  })

  it('it gives up with the client, whose question is withdrawn', async () => {
    await using web = await CallbackServer.start()
    web.answer = () => 'never'
    await using server = serverWith({ url: { publish: web.url }, timeout: 60_000 })
    const client = await server.connect('live')
    const publishing = client.publish('name').catch(() => 'gone')
    await web.heard(1)
    client.messages.destroy()
    await web.left(1)
    expect(await publishing).toBe('gone')
    expect(web.received).toHaveLength(1)
  })

  it('the log says why', async () => {
    await using web = await CallbackServer.start()
    const gone = await CallbackServer.start()
    const { url, host } = { url: gone.url, host: gone.url.slice('http://'.length) }
    await gone[Symbol.asyncDispose]()
    const reasons = async (options: HttpCallbackOptions): Promise<unknown[]> => {
      const lines: string[] = []
      await using server = serverWith({ timeout: 100, retries: 0, ...options }, logLines(lines))
      await expect(server.publish('live/name')).rejects.toMatchObject(unknown)
      return lines.filter(line => line.includes('a callback failed')).map(line => (JSON.parse(line) as unknown[])[0])
    }
    expect(await reasons({ url: { publish: url }, timeout: 3_000 })).toMatchObject([
      { event: 'publish', code: 'ECONNREFUSED', reason: `connect ECONNREFUSED ${host}` },
    ])
    const late = { event: 'publish', name: 'TimeoutError', reason: 'no answer within 100 ms' }
    for (const answer of ['never', 'half'] as const) {
      web.answer = () => answer
      expect(await reasons({ url: { publish: web.url } })).toMatchObject([late])
    }
    web.answer = () => 'reset'
    expect(await reasons({ url: { publish: web.url }, timeout: 3_000 })).toMatchObject([
      { name: 'SocketError', reason: 'other side closed' },
    ])
    web.answer = () => ({ body: 'x'.repeat(100_000) })
    expect(await reasons({ url: { publish: web.url }, timeout: 3_000 })).toMatchObject([
      { name: 'Error', reason: 'an answer of more than 65536 bytes' },
    ])
  })
})

describe('httpCallback', () => {
  it('lets only the client wait whom it asks about', async () => {
    await using web = await CallbackServer.start()
    let release: () => void = () => {}
    const held = new Promise<void>(resolve => {
      release = resolve
    })
    let asked: () => void = () => {}
    const isAsked = new Promise<void>(resolve => {
      asked = resolve
    })
    web.answer = async ({ body }) => {
      if (!body.includes('"slow"')) return {}
      asked()
      await held
      return {}
    }
    await using server = serverWith({ url: { publish: web.url } })
    let done = false
    const slow = server.publish('live/slow').finally(() => {
      done = true
    })
    await isAsked
    for (const name of ['a', 'b', 'c']) await server.publish(`live/${name}`)
    expect(done).toBe(false)
    release()
    await slow
  })

  it('asks several servers one after another, until one refuses', async () => {
    await using web = await CallbackServer.start()
    web.answer = ({ path }) => ({ status: path === '/2' ? 403 : 200 })
    const urls = ['/1', '/2', '/3'].map(path => web.url + path)
    await using server = serverWith({ url: { publish: urls } })
    await expect(server.publish('live/name')).rejects.toMatchObject(denied)
    expect(web.received.map(({ path }) => path)).toEqual(['/1', '/2'])
  })

  it('signs what it sends', async () => {
    await using web = await CallbackServer.start()
    await using server = serverWith({ url: { publish: web.url }, secret: 'between us' })
    await server.publish('live/name')
    const [{ headers, body } = expect.unreachable()] = web.received
    const [, seconds = '', signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-rtmpipe-signature'])) ?? []
    expect(signature).toBe(createHmac('sha256', 'between us').update(`${seconds}.${body}`).digest('hex'))
    expect(Math.abs(Number(seconds) - Date.now() / 1000)).toBeLessThan(60)
  })

  it('does without signature and asks for nothing that has no URL', async () => {
    await using web = await CallbackServer.start()
    await using server = serverWith({ url: { publish: web.url } })
    await server.publish('live/name')
    await server.play('live/name')
    expect(web.received).toHaveLength(1)
    expect(web.received[0]?.headers['x-rtmpipe-signature']).toBeUndefined()
    expect(web.received[0]?.headers['user-agent']).toBe('rtmpipe')
  })

  it('sends what is sent for it, and no more than it must', async () => {
    await using web = await CallbackServer.start()
    const url = web.url.replace('//', '//user:password@')
    await using server = serverWith({ url: { publish: `${url}/ask?a=1` }, format: 'nginx-rtmp' })
    await server.publish('live/name')
    const [{ method, path, headers, body } = expect.unreachable()] = web.received
    expect([method, path]).toEqual(['POST', '/ask?a=1'])
    expect(headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': String(body.length),
      'user-agent': 'rtmpipe',
      'accept-encoding': 'identity',
    })
    for (const name of ['authorization', 'cookie', 'origin', 'referer']) expect(headers[name]).toBeUndefined()
  })

  it('keeps its connections', async () => {
    await using web = await CallbackServer.start()
    await using server = serverWith({ url: { publish: web.url } })
    for (let index = 0; index < 10; index += 1) await server.publish(`live/${index}`)
    expect(web.received).toHaveLength(10)
    // A second one, where the first still says goodbye to an answer.
    expect(web.connections).toBeLessThanOrEqual(2)
  })

  it('has no more than 64 requests and connections at a web server; the others wait', async () => {
    await using web = await CallbackServer.start()
    let open = 0
    let most = 0
    let release: () => void = () => {}
    const held = new Promise<void>(resolve => {
      release = resolve
    })
    web.answer = async () => {
      most = Math.max(most, (open += 1))
      await held
      open -= 1
      return {}
    }
    await using server = serverWith({ url: { publish: web.url }, timeout: 20_000, retries: 0 })
    const all = Array.from({ length: 70 }, (_, index) => server.publish(`live/${index}`))
    await web.heard(64)
    release()
    await Promise.all(all)
    expect([web.received.length, most, web.connections]).toEqual([70, 64, 64])
  })

  it.each([['nonsense'], ['ftp://host/'], [['http://host/', '']]])('takes %j for no URL', url => {
    expect(() => httpCallback({ url })).toThrow(/expected a URL like http:\/\/host\/path for callbacks/)
  })

  it.each(['http://host:22/', 'https://host:6667/hook', 'http://host:10080/'])(
    'refuses %s, which fetch blocks',
    url => {
      const port = new URL(url).port
      for (const options of [{ url }, { url: {}, update: { url } }, { url: {}, recorded: url }])
        expect(() => httpCallback(options)).toThrow(
          new TypeError(`port ${port} is one of those that the Fetch standard blocks: give the web server another one`),
        )
    },
  )

  it('closes though a web server hangs that is told of the end', async () => {
    await using web = await CallbackServer.start()
    web.answer = () => 'never'
    const plugin = httpCallback({ url: { publishEnd: web.url, disconnect: web.url }, timeout: 500, retries: 0 })
    const server = new TestServer({ plugins: [plugin] })
    await server.publish('live/name')
    await server[Symbol.asyncDispose]()
    expect(web.received.length).toBeGreaterThan(0)
  })

  it('passes parameters on as they were', async () => {
    await using web = await CallbackServer.start()
    const url = { publish: web.url, publishEnd: web.url }
    await using server = serverWith({ url, format: 'nginx-rtmp' })
    const query = 'a=b==&path=/x/y:z,@&pct=%25%26%23&e=&u=%C3%A4&plain=A-z_0.9~+b%20c&k=1&a=2&%zz&&'
    const publisher = await (await server.connect('live?k=1')).publish(`name?${query}`)
    expect(web.bodies[0]?.endsWith(`&type=live&${query}`)).toBe(true)
    publisher.end()
    await web.heard(3)
    expect(web.bodies[1]?.endsWith(`&call=publish_done&name=name&${query}`)).toBe(true)
  })

  it('takes no empty secret', () => {
    expect(() => httpCallback({ url: 'http://host/', secret: '' })).toThrow(TypeError)
  })

  it('takes no event that a format does not have', () => {
    expect(() => httpCallback({ url: { connect: 'http://host/' }, format: 'mediamtx' })).toThrow(
      'this format knows no event connect',
    )
  })
})

describe('CallbackQueue', () => {
  it('keeps the order of each owner, and goes on after a failure', async () => {
    const queue = new CallbackQueue()
    const [one, other] = [{}, {}]
    const done: string[] = []
    let release: () => void = () => {}
    const held = new Promise<void>(resolve => {
      release = resolve
    })
    const all = [
      queue.run(one, async () => {
        await held
        done.push('a')
        throw new Error('no')
      }),
      queue.run(one, async () => void done.push('b')),
      queue.run(other, async () => void done.push('x')),
    ]
    await all[2]
    expect(done).toEqual(['x'])
    release()
    await Promise.allSettled(all)
    await expect(all[0]).rejects.toThrow('no')
    expect(done).toEqual(['x', 'a', 'b'])
    await queue.idle()
  })

  it('takes no more than its limit', async () => {
    const queue = new CallbackQueue(1)
    const first = queue.run({}, () => Promise.resolve('first'))
    await expect(queue.run({}, () => Promise.resolve('second'))).rejects.toThrow('waiting already')
    expect(await first).toBe('first')
    expect(await queue.run({}, () => Promise.resolve('third'))).toBe('third')
  })
})
