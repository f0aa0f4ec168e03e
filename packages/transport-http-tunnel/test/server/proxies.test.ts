import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { HttpTunnelOptions, PeerAddress } from '../../src/index.ts'
import { cert, key, listening } from '../support/bench.ts'
import { FLASH_HEADERS, RawClient } from '../support/raw-client.ts'

type Bench = Awaited<ReturnType<typeof listening>>

/** Opens a session with these headers; the server's end of it. */
async function session(bench: Bench, client: RawClient, headers: readonly string[] = []) {
  const id = (await client.post('/open/1', '\0', [...FLASH_HEADERS, ...headers])).body.toString().trimEnd()
  const { status } = await client.post(`/send/${id}/0`, 'hello', [...FLASH_HEADERS, ...headers])
  expect(status).toBe(200)
  const connection = await bench.accepted.next()
  const [bytes] = await once(connection.stream, 'data')
  expect(String(bytes)).toBe('hello')
  return connection
}

interface Told {
  readonly error: Error & { readonly code?: string }
  readonly remote: PeerAddress | undefined
}

async function told(options: HttpTunnelOptions): Promise<{ bench: Bench; errors: Told[]; next: () => Promise<Told> }> {
  const errors: Told[] = []
  let wake = (): void => {}
  const onError = (error: Error, remote?: PeerAddress): void => {
    errors.push({ error, remote })
    wake()
  }
  const bench = await listening({ ...options, onError })
  const next = async (): Promise<Told> => {
    while (errors.length === 0) await new Promise<void>(resolve => (wake = resolve))
    return errors.shift() as Told
  }
  return { bench, errors, next }
}

describe('trustProxy', () => {
  it.each([
    [['loopback'], ['X-Forwarded-For: 6.6.6.6, 203.0.113.9'], '203.0.113.9', 'rtmpt'],
    [['loopback'], ['X-Forwarded-For: 203.0.113.9', 'X-Forwarded-Proto: https'], '203.0.113.9', 'rtmpts'],
    [['loopback'], ['Forwarded: for=6.6.6.6, for="[2001:db8::7]:4711";proto=https'], '2001:db8::7', 'rtmpts'],
    [['loopback'], ['X-Forwarded-For: rubbish'], '127.0.0.1', 'rtmpt'],
    [['loopback'], [], '127.0.0.1', 'rtmpt'],
    [1, ['X-Forwarded-For: 6.6.6.6', 'X-Forwarded-For: 203.0.113.9'], '203.0.113.9', 'rtmpt'],
    [['10.0.0.0/8'], ['X-Forwarded-For: 6.6.6.6', 'X-Forwarded-Proto: https'], '127.0.0.1', 'rtmpt'],
    [undefined, ['X-Forwarded-For: 6.6.6.6', 'Forwarded: for=6.6.6.6;proto=https'], '127.0.0.1', 'rtmpt'],
  ] as const)('%j and %j: %s', async (trustProxy, headers, address, transport) => {
    const bench = await listening({ trustProxy })
    const client = await bench.raw()
    const connection = await session(bench, client, headers)
    expect(connection).toMatchObject({ transport, secure: transport === 'rtmpts', remote: { address } })
    expect(connection.remote.port).toBe(address === '127.0.0.1' ? client.socket.localPort : 0)
  })

  it('tells once of an address that is not trusted and speaks for others', async () => {
    const { bench, errors, next } = await told({})
    const client = await bench.raw()
    await session(bench, client, ['X-Forwarded-For: 6.6.6.6'])
    const { error, remote } = await next()
    expect(error.code).toBe('RTMP_ERR_TUNNEL_FORWARDED')
    expect(error.message).toContain('127.0.0.1 is not in trustProxy')
    expect(error.message).not.toContain('6.6.6.6')
    expect(remote).toEqual({ address: '127.0.0.1', port: client.socket.localPort })
    await session(bench, client, ['Forwarded: for=6.6.6.6'])
    expect(errors).toEqual([])
  })

  it('counts clients of a proxy each for themselves', async () => {
    const bench = await listening({ trustProxy: ['loopback'], maxSessionsPerAddress: 1 })
    const client = await bench.raw()
    for (const address of ['203.0.113.9', '203.0.113.8']) {
      const from = [`X-Forwarded-For: ${address}`]
      const id = (await client.post('/open/1', '\0', from)).body.toString().trimEnd()
      // As much as a whole handshake: from then on it counts.
      const answer = client.post(`/send/${id}/0`, Buffer.alloc(3_073), from)
      ;(await bench.accepted.next()).stream.resume()
      expect((await answer).status).toBe(200)
    }
    const refused = await client.post('/open/1', '\0', ['X-Forwarded-For: 203.0.113.9'])
    expect(refused.status).toBe(503)
  })

  it('lets a proxy have as many connections as it has clients', async () => {
    const [proxied, direct] = [
      await listening({ trustProxy: ['loopback'], maxConnectionsPerAddress: 1 }),
      await listening({ maxConnectionsPerAddress: 1 }),
    ]
    for (const [bench, isServed] of [
      [proxied, true],
      [direct, false],
    ] as const) {
      const [first, second] = [await bench.raw(), await bench.raw()]
      expect((await first.post('/open/1')).status).toBe(200)
      const answer = second.post('/open/1').then(
        ({ status }) => status === 200,
        () => false,
      )
      expect(await answer).toBe(isServed)
    }
  })

  it('refuses to trust everybody', async () => {
    await expect(listening({ trustProxy: true as never })).rejects.toMatchObject({ code: 'RTMP_ERR_TRUST_OPTION' })
  })
})

describe.each([
  ['HTTP', undefined],
  ['HTTPS', { cert, key }],
])('PROXY protocol before %s', (_name, tls) => {
  const v1 = 'PROXY TCP4 203.0.113.9 192.0.2.1 4711 443\r\n'
  const v2 = '0d0a0d0a000d0a515549540a2111000ccb007109c0000201126701bb'

  async function dial(port: number): Promise<Socket> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }).on('error', () => {})
    onTestFinished(() => void socket.destroy())
    await once(socket, 'connect')
    return socket
  }

  async function through(socket: Socket): Promise<RawClient> {
    if (tls === undefined) return new RawClient(socket)
    const secure = connectTls({ socket, rejectUnauthorized: false })
    onTestFinished(() => void secure.destroy())
    await once(secure, 'secureConnect')
    return new RawClient(secure)
  }

  it.each([
    ['1', Buffer.from(v1)],
    ['2', Buffer.from(v2, 'hex')],
  ])('tells of whom a header of version %s does', async (_version, header) => {
    const bench = await listening({ tls, proxyProtocol: ['loopback'] })
    const socket = await dial(bench.port)
    socket.write(header)
    const { remote, secure } = await session(bench, await through(socket))
    expect(remote).toEqual({ address: '203.0.113.9', port: 4711 })
    expect(secure).toBe(tls !== undefined)
  })

  it('takes the header in pieces', async () => {
    const bench = await listening({ tls, proxyProtocol: ['127.0.0.1'] })
    const socket = await dial(bench.port)
    for (const letter of v1) {
      socket.write(letter)
      await new Promise(setImmediate)
    }
    const { remote } = await session(bench, await through(socket))
    expect(remote.address).toBe('203.0.113.9')
  })

  it('counts connections by the address that it tells', async () => {
    const bench = await listening({ tls, proxyProtocol: ['loopback'], maxConnectionsPerAddress: 1 })
    const [first, other, second] = [await dial(bench.port), await dial(bench.port), await dial(bench.port)]
    first.write(v1)
    await session(bench, await through(first))
    other.write('PROXY TCP4 203.0.113.8 192.0.2.1 4711 443\r\n')
    await session(bench, await through(other))
    second.write(v1)
    await once(second.resume(), 'close')
  })

  it('refuses everybody else, and says so', async () => {
    const { bench, next } = await told({ tls, proxyProtocol: ['10.0.0.0/8'] })
    const socket = await dial(bench.port)
    socket.write(v1)
    await once(socket.resume(), 'close')
    const { error, remote } = await next()
    expect(error).toMatchObject({ name: 'ProxyProtocolError', code: 'RTMP_ERR_PROXY_UNTRUSTED' })
    expect(remote?.address).toBe('127.0.0.1')
  })

  it('refuses a proxy that sends no header', async () => {
    const { bench, next } = await told({ tls, proxyProtocol: ['loopback'] })
    const socket = await dial(bench.port)
    socket.write('POST /open/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n\0')
    await once(socket.resume(), 'close')
    expect((await next()).error).toMatchObject({ code: 'RTMP_ERR_PROXY_HEADER' })
  })

  it('does not wait for headers when it closes', async () => {
    const bench = await listening({ tls, proxyProtocol: ['loopback'] })
    const [waiting, passed] = [await dial(bench.port), await dial(bench.port)]
    passed.write(v1)
    const { stream } = await session(bench, await through(passed))
    stream.destroy()
    passed.destroy()
    const ended = once(waiting.resume(), 'close')
    await bench.listener.close()
    await ended
  })
})

it('reads a request that comes with the PROXY header, and a long body behind it', async () => {
  const bench = await listening({ proxyProtocol: ['loopback'], trustProxy: ['203.0.113.9'] })
  const socket = connect({ port: bench.port, host: '127.0.0.1' }).on('error', () => {})
  const client = new RawClient(socket)
  onTestFinished(() => client.destroy())
  const open = 'POST /open/1 HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 198.51.100.1\r\nContent-Length: 1\r\n\r\n\0'
  socket.write(`PROXY TCP4 203.0.113.9 192.0.2.1 4711 443\r\n${open}`)
  const id = (await client.receive()).body.toString().trimEnd()
  const body = Buffer.alloc(1_000_000, 'abcdefg')
  const answer = client.post(`/send/${id}/0`, body, ['X-Forwarded-For: 198.51.100.1'])
  const { remote, stream } = await bench.accepted.next()
  // The proxy of the PROXY protocol speaks for another that is trusted too.
  expect(remote).toEqual({ address: '198.51.100.1', port: 0 })
  const received: Buffer[] = []
  for (let length = 0; length < body.length; ) {
    const [bytes] = (await once(stream, 'data')) as [Buffer]
    received.push(bytes)
    length += bytes.length
  }
  expect(Buffer.concat(received).equals(body)).toBe(true)
  expect((await answer).status).toBe(200)
})
