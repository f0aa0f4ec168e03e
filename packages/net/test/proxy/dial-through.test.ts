import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { dialThrough, ProxyUrl } from '../../src/index.ts'
import { FakeProxy } from '../support/fake-proxy.ts'

const login = { user: 'anna', password: 'se:cret %' }
const withLogin = 'anna:se%3Acret%20%25@'

describe.each([
  ['http', (options?: object) => FakeProxy.http(options)],
  ['socks5h', (options?: object) => FakeProxy.socks(options)],
] as const)('%s', (scheme, start) => {
  it.each(['127.0.0.1', '::1', 'localhost'])('connects to %s, both ways, half-open', async host => {
    const port = await echo(host === '::1' ? '::1' : '127.0.0.1')
    await using proxy = await start()
    const socket = await dialThrough(new ProxyUrl(`${scheme}://127.0.0.1:${proxy.port}`), { host, port }, halfOpen)
    socket.end('hello')
    expect(await textOf(socket)).toBe('hello')
    expect(proxy.asked).toEqual([
      `${scheme === 'http' ? 'CONNECT' : 'SOCKS'} ${host === '::1' ? asAsked(scheme) : host}:${port}`,
    ])
  })

  it('logs in', async () => {
    const port = await echo()
    await using proxy = await start({ login })
    const url = new ProxyUrl(`${scheme}://${withLogin}127.0.0.1:${proxy.port}`)
    const socket = await dialThrough(url, { host: '127.0.0.1', port })
    socket.end('hello')
    expect(await textOf(socket)).toBe('hello')
  })

  it.each([
    ['', /wants a login/],
    ['anna:wrong-one@', /does not take this name and password/],
  ])('tells what is wrong with the login %j', async (given, message) => {
    await using proxy = await start({ login })
    const dialling = dialThrough(new ProxyUrl(`${scheme}://${given}127.0.0.1:${proxy.port}`), { host: 'a', port: 1 })
    const error = await dialling.catch((reason: Error) => reason)
    expect(error).toMatchObject({ code: 'RTMP_ERR_PROXY_LOGIN', message: expect.stringMatching(message) })
    expect(inspect(error)).not.toMatch(/anna|wrong-one/)
  })

  it('is named by the error when nobody listens there', async () => {
    const url = new ProxyUrl(`${scheme}://anna:secret@127.0.0.1:${await freePort()}`)
    const error = await dialThrough(url, { host: 'a', port: 1 }).catch((reason: Error) => reason)
    expect(error).toMatchObject({
      code: 'ECONNREFUSED',
      message: expect.stringContaining(`proxy ${url.shown}: connect `),
    })
    expect(inspect(error)).not.toMatch(/anna|secret/)
  })

  it('that does not answer is given up in time, or when the signal says so', async () => {
    const silent = await answering(() => {})
    const url = new ProxyUrl(`${scheme}://127.0.0.1:${silent.port}`)
    const late = await dialThrough(url, { host: 'a', port: 1 }, { timeout: 20 }).catch((reason: Error) => reason)
    expect(late).toMatchObject({ code: 'RTMP_ERR_PROXY_TIMEOUT' })
    const controller = new AbortController()
    const dialling = dialThrough(url, { host: 'a', port: 1 }, { signal: controller.signal })
    await silent.next()
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(dialling).rejects.toBe(reason)
    await expect(dialThrough(url, { host: 'a', port: 1 }, { signal: controller.signal })).rejects.toBe(reason)
    await silent.allGone()
  })

  it('may close, at once or in the middle', async () => {
    for (const bytes of ['', 'HTTP/1.1 200', Buffer.of(5)]) {
      const closing = await answering(socket => socket.end(bytes))
      const url = new ProxyUrl(`${scheme}://127.0.0.1:${closing.port}`)
      const error = await dialThrough(url, { host: 'a', port: 1 }).catch((reason: Error) => reason)
      expect(error).toMatchObject({ code: expect.stringMatching(/^ECONNRESET$|^RTMP_ERR_PROXY_REPLY$/) })
      await closing.allGone()
    }
  })

  it('destroys the socket when the signal is aborted later', async () => {
    const port = await echo()
    await using proxy = await start()
    const controller = new AbortController()
    const url = new ProxyUrl(`${scheme}://127.0.0.1:${proxy.port}`)
    const socket = await dialThrough(url, { host: '127.0.0.1', port }, { signal: controller.signal })
    controller.abort()
    await new Promise(resolve => socket.once('close', resolve))
  })
})

describe('an HTTP proxy', () => {
  const dial = (port: number, given = '') =>
    dialThrough(new ProxyUrl(`http://${given}127.0.0.1:${port}`), { host: 'server.example', port: 1935 })

  it.each([200, 299])('that answers %i passes on what the server sends at once', async status => {
    const proxy = await answering(socket => socket.end(`HTTP/1.1 ${status} OK\r\nX: y\r\n\r\nearly bytes`))
    const socket = await dial(proxy.port)
    expect(await textOf(socket)).toBe('early bytes')
  })

  it.each([
    ['403 Forbidden', 'RTMP_ERR_PROXY_REFUSED', /it answered 403; it may allow some ports only/],
    ['503 Service Unavailable', 'RTMP_ERR_PROXY_REFUSED', /does not connect to server.example:1935: it answered 503$/],
    ['302 Found', 'RTMP_ERR_PROXY_REFUSED', /302/],
    ['100 Continue', 'RTMP_ERR_PROXY_REFUSED', /100/],
    ['407 Login', 'RTMP_ERR_PROXY_LOGIN', /wants a login/],
  ])('that answers %s does not connect', async (status, code, message) => {
    const proxy = await answering(socket => socket.write(`HTTP/1.1 ${status}\r\nX: y\r\n\r\n<html>`))
    const error = await dial(proxy.port).catch((reason: Error) => reason)
    expect(error).toMatchObject({ code, message: expect.stringMatching(message), status: Number(status.slice(0, 3)) })
    await proxy.allGone()
  })

  it.each([
    ['a head without end', `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(100_000)}`, /more than 16384 bytes/],
    ['a line without end', `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(500_000)}`, /more than 16384 bytes/],
    ['no HTTP', '\x05\x00', /no HTTP/],
    ['nonsense', 'SSH-2.0-OpenSSH\r\n', /no HTTP/],
  ])('that answers %s is left', async (_, bytes, message) => {
    const proxy = await answering(socket => socket.write(bytes))
    const error = await dial(proxy.port).catch((reason: Error) => reason)
    expect(error).toMatchObject({ code: 'RTMP_ERR_PROXY_REPLY', message: expect.stringMatching(message) })
    await proxy.allGone()
  })

  it('is sent what it needs and nothing else', async () => {
    const proxy = await answering(socket => socket.end())
    await dial(proxy.port, 'anna:secret@').catch(() => {})
    expect(await proxy.received()).toBe(
      'CONNECT server.example:1935 HTTP/1.1\r\nHost: server.example:1935\r\nProxy-Authorization: Basic YW5uYTpzZWNyZXQ=\r\n\r\n',
    )
  })
})

describe('a SOCKS5 proxy', () => {
  const dial = (port: number) =>
    dialThrough(new ProxyUrl(`socks5h://127.0.0.1:${port}`), { host: 'server.example', port: 1935 })
  const answer = (...bytes: number[]) =>
    answering(socket => void socket.once('data', () => socket.write(Buffer.of(...bytes))))

  it.each([
    ['an IPv4 address', [1, 0, 0, 0, 0]],
    ['an IPv6 address', [4, ...Array<number>(16).fill(7)]],
    ['a name', [3, 2, 65, 66]],
  ])('may answer with %s; what the server sends at once is kept', async (_, address) => {
    const bytes = Buffer.concat([Buffer.of(5, 0, 5, 0, 0, ...address, 1, 2), Buffer.from('early bytes')])
    const proxy = await answering(socket => socket.end(bytes))
    expect(await textOf(await dial(proxy.port))).toBe('early bytes')
  })

  it('may send its answer byte by byte', async () => {
    const bytes = [5, 0, 5, 0, 0, 3, 2, 65, 66, 1, 2]
    const proxy = await answering(async socket => {
      socket.setNoDelay(true)
      for (const byte of bytes) await new Promise(resolve => socket.write(Buffer.of(byte), () => setImmediate(resolve)))
      socket.end('late bytes')
    })
    expect(await textOf(await dial(proxy.port))).toBe('late bytes')
  })

  it.each([
    [[5, 0, 5, 1], /general failure/],
    [[5, 0, 5, 2], /not allowed by its rules/],
    [[5, 0, 5, 5], /server.example:1935: connection refused/],
    [[5, 0, 5, 77], /error 77/],
  ])('may refuse: %j', async (bytes, message) => {
    const proxy = await answer(...bytes, 0, 1, 0, 0, 0, 0, 0, 0)
    await expect(dial(proxy.port)).rejects.toMatchObject({
      code: 'RTMP_ERR_PROXY_REFUSED',
      message: expect.stringMatching(message),
    })
    await proxy.allGone()
  })

  it.each([[[4, 0]], [[72, 84]], [[5, 0, 4, 0, 0, 1]], [[5, 0, 5, 0, 0, 9, 1, 2]]])(
    'answers no SOCKS5: %j',
    async bytes => {
      const proxy = await answer(...bytes)
      await expect(dial(proxy.port)).rejects.toMatchObject({ code: 'RTMP_ERR_PROXY_REPLY' })
      await proxy.allGone()
    },
  )

  it.each([[[5, 0xff]], [[5, 2]], [[5, 1]]])('wants a login: %j', async bytes => {
    const proxy = await answer(...bytes)
    await expect(dial(proxy.port)).rejects.toMatchObject({ code: 'RTMP_ERR_PROXY_LOGIN' })
    await proxy.allGone()
  })

  it('is not asked for names that are too long for it', async () => {
    const proxy = await answer(5, 0)
    const url = new ProxyUrl(`socks5h://127.0.0.1:${proxy.port}`)
    await expect(dialThrough(url, { host: 'a'.repeat(256), port: 1 })).rejects.toMatchObject({
      code: 'RTMP_ERR_PROXY_REFUSED',
    })
  })
})

const halfOpen = { socket: { allowHalfOpen: true, noDelay: true } }
const asAsked = (scheme: string) => (scheme === 'http' ? '[::1]' : '::1')
const cleanUps: (() => void)[] = []
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp()
})

interface Answering {
  readonly port: number
  next(): Promise<unknown>
  allGone(): Promise<void>
  received(): Promise<string>
}

/** A server that does this with each connection. */
async function answering(act: (socket: Socket) => unknown): Promise<Answering> {
  const sockets: Socket[] = []
  const chunks: Buffer[] = []
  const server = createServer({ allowHalfOpen: true }, socket => {
    sockets.push(socket)
    socket.on('error', () => {}).on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.once('end', () => socket.end())
    act(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const allGone = async () => {
    server.close()
    await once(server, 'close')
  }
  cleanUps.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
    next: async () => sockets.length > 0 || once(server, 'connection'),
    allGone,
    received: async () => {
      await allGone()
      return Buffer.concat(chunks).toString()
    },
  }
}

async function echo(host = '127.0.0.1'): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, socket => socket.on('error', () => {}).pipe(socket))
  server.listen(0, host)
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function textOf(socket: Socket): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
