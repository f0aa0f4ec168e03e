import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import { text } from 'node:stream/consumers'
import { createSelfSignedCertificate } from '@rtmpipe/transport-tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type OnePortConnection, type OnePortListener, type OnePortOptions, onePort } from '../src/index.ts'

const certificate = await createSelfSignedCertificate()

/** A port that answers whoever speaks RTMP with the name of its transport. */
class Bench {
  readonly listener: OnePortListener
  readonly errors: { readonly code?: string; readonly message: string }[]
  readonly accepted: OnePortConnection[]

  private constructor(listener: OnePortListener, errors: Bench['errors'], accepted: OnePortConnection[]) {
    this.listener = listener
    this.errors = errors
    this.accepted = accepted
  }

  static async start(options: OnePortOptions = {}): Promise<Bench> {
    const errors: Bench['errors'] = []
    const accepted: OnePortConnection[] = []
    const port = onePort({
      port: 0,
      tls: { certificate },
      routes: app => void app.get('/hello', async ({ protocol, ip }) => `${protocol} ${ip}`),
      onError: error => void errors.push(error),
      ...options,
    })
    const listener = await port.listen(connection => {
      accepted.push(connection)
      connection.stream.once('data', () => connection.stream.end(connection.transport))
    })
    onTestFinished(async () => {
      for (const { stream } of accepted) stream.destroy()
      await listener.close()
    })
    return new Bench(listener, errors, accepted)
  }

  get port(): number {
    return this.listener.address.port
  }

  plain(): Socket {
    return closing(connect(this.port, '127.0.0.1'))
  }

  async secure(options: ConnectionOptions = {}): Promise<Socket> {
    const socket = closing(connectTls({ port: this.port, host: '127.0.0.1', ca: certificate.cert, ...options }))
    await once(socket, 'secureConnect')
    return socket
  }

  async get(path: string, secure: boolean, method: string = 'GET'): Promise<{ status: number; body: string }> {
    const options = { port: this.port, host: '127.0.0.1', path, method, ca: certificate.cert, agent: false }
    const request = secure ? httpsRequest(options) : httpRequest(options)
    request.end()
    const [response] = await once(request, 'response')
    return { status: response.statusCode, body: await text(response) }
  }
}

function closing<T extends Socket>(socket: T): T {
  onTestFinished(() => void socket.destroy())
  return socket.on('error', () => {})
}

/** C0 and the beginning of C1. */
const opening = (version: number) => Buffer.from([version, 0, 0, 0, 0, 1, 2, 3])

describe('one port', () => {
  it.each([3, 6, 8])('takes RTMP that begins with %i, in clear and by TLS', async version => {
    const bench = await Bench.start()
    for (const [socket, transport] of [
      [bench.plain(), 'rtmp'],
      [await bench.secure(), 'rtmps'],
    ] as const) {
      socket.write(opening(version))
      expect(await text(socket)).toBe(transport)
    }
    expect(bench.accepted.map(({ secure, remote }) => [secure, remote.address])).toEqual([
      [false, '127.0.0.1'],
      [true, '127.0.0.1'],
    ])
  })

  it('gives a plain socket on as the transport of TCP makes it', async () => {
    const bench = await Bench.start()
    const socket = bench.plain()
    socket.write(opening(3))
    await text(socket)
    expect(bench.accepted[0]?.stream).toHaveProperty('lend', expect.any(Function))
  })

  it('serves HTTP and HTTPS, and the tunnel beside it', async () => {
    const bench = await Bench.start()
    expect(await bench.get('/hello', false)).toEqual({ status: 200, body: 'http 127.0.0.1' })
    expect(await bench.get('/hello', true)).toEqual({ status: 200, body: 'https 127.0.0.1' })
    expect(await bench.get('/nothing', false)).toMatchObject({ status: 404 })
    for (const secure of [false, true])
      expect(await bench.get('/open/1', secure, 'POST')).toEqual({
        status: 200,
        body: expect.stringMatching(/^\S+\n$/),
      })
  })

  it('takes everything one byte at a time', async () => {
    const bench = await Bench.start()
    const slowly = async (socket: Socket, bytes: Buffer) => {
      socket.setNoDelay()
      for (const byte of bytes) {
        socket.write(Buffer.of(byte))
        await new Promise(resolve => setImmediate(resolve))
      }
      return text(socket)
    }
    expect(await slowly(bench.plain(), opening(3).subarray(0, 1))).toBe('rtmp')
    const request = Buffer.from('GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    expect(await slowly(bench.plain(), request)).toMatch(/^HTTP\/1\.1 200 .*http 127\.0\.0\.1$/s)
    expect(await slowly(await bench.secure(), request)).toMatch(/^HTTP\/1\.1 200 .*https 127\.0\.0\.1$/s)
  })

  it('agrees on http/1.1 by ALPN, serves who names nothing, refuses who has HTTP/2 alone', async () => {
    const bench = await Bench.start()
    const alpn = async (names: string[] | undefined) => {
      const socket = (await bench.secure(names && { ALPNProtocols: names })) as ReturnType<typeof connectTls>
      return socket.alpnProtocol
    }
    expect(await alpn(['h2', 'http/1.1'])).toBe('http/1.1')
    expect(await alpn(undefined)).toBe(false)
    await expect(alpn(['h2'])).rejects.toMatchObject({ code: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL' })
  })

  it('closes connections that say nothing, and tells why', async () => {
    const bench = await Bench.start({ firstBytesTimeout: 20 })
    const socket = bench.plain()
    expect(await text(socket)).toBe('')
    expect(bench.errors).toMatchObject([{ code: 'RTMP_ERR_FIRST_BYTES_TIMEOUT' }])
    const secure = await bench.secure()
    expect(await text(secure)).toBe('')
    expect(bench.errors).toHaveLength(2)
  })

  it('gives up the one that has said nothing for longest, and serves on', async () => {
    const bench = await Bench.start({ maxUndecided: 1 })
    const silent = bench.plain()
    await once(silent, 'connect')
    const socket = bench.plain()
    expect(await text(silent)).toBe('')
    expect(bench.errors).toMatchObject([{ code: 'RTMP_ERR_FIRST_BYTES_LIMIT' }])
    socket.write(opening(3))
    expect(await text(socket)).toBe('rtmp')
  })

  it.each([
    ['zeros', Buffer.alloc(8), 'neither RTMP, TLS nor HTTP'],
    ['the PROXY protocol nobody expects', Buffer.from('PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n'), 'the PROXY protocol'],
    ['HTTP/2', Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), 'HTTP/2'],
  ])('refuses %s', async (_what, bytes, name) => {
    const bench = await Bench.start()
    const socket = bench.plain()
    socket.write(bytes)
    expect(await text(socket)).toBe('')
    expect(bench.errors).toMatchObject([
      {
        code: 'RTMP_ERR_WRONG_PORT',
        message: `this is ${name}, and the port is for RTMP, RTMPS, RTMPT, RTMPTS, WS, WSS, HTTP`,
      },
    ])
  })

  it('takes no TLS inside TLS', async () => {
    const bench = await Bench.start()
    const socket = await bench.secure()
    socket.write(Buffer.from('16030100050100000100', 'hex'))
    expect(await text(socket)).toBe('')
    expect(bench.errors).toMatchObject([
      { code: 'RTMP_ERR_WRONG_PORT', message: expect.stringMatching(/^this is TLS inside TLS/) },
    ])
  })

  it('takes only what is switched on', async () => {
    const bench = await Bench.start({ protocols: ['rtmps', 'rtmpts'] })
    expect(bench.listener).toMatchObject({ scheme: 'rtmps', schemes: ['rtmps', 'rtmpts'] })
    const plain = bench.plain()
    plain.write(opening(3))
    expect(await text(plain)).toBe('')
    const secure = await bench.secure()
    secure.write(opening(3))
    expect(await text(secure)).toBe('rtmps')
    expect(await bench.get('/open/1', false, 'POST')).toEqual({ status: 421, body: 'This port does not take HTTP.\n' })
    expect(await bench.get('/open/1', true, 'POST')).toMatchObject({ status: 200 })
    expect(await bench.get('/hello', true)).toMatchObject({
      status: 421,
      body: 'This port tunnels RTMP and serves nothing else.\n',
    })
  })

  it('without TLS takes what is not encrypted, and says of the rest what it is', async () => {
    const bench = await Bench.start({ tls: undefined })
    expect(bench.listener.schemes).toEqual(['rtmp', 'rtmpt', 'ws'])
    await expect(bench.secure()).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(bench.errors).toMatchObject([{ message: 'this is TLS, and the port is for RTMP, RTMPT, WS, HTTP' }])
  })

  it('is free when it has closed, for which it waits until RTMP has left', async () => {
    const bench = await Bench.start()
    const socket = bench.plain()
    socket.write(Buffer.of(3))
    await text(socket)
    let isClosed = false
    const closed = bench.listener.close().then(() => (isClosed = true))
    await new Promise(resolve => setImmediate(resolve))
    expect(isClosed).toBe(false)
    socket.end()
    await closed
    const late = bench.plain()
    const [error] = await once(late, 'error')
    expect(error).toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('rejects with the error of the system where the port is taken', async () => {
    const bench = await Bench.start()
    await expect(onePort({ port: bench.port }).listen(() => {})).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})

describe('behind proxies', () => {
  const header = 'PROXY TCP4 203.0.113.9 192.0.2.1 4711 443\r\n'
  const client = { address: '203.0.113.9', port: 4711 }

  it('takes RTMP and HTTP of clients that the PROXY protocol tells', async () => {
    const bench = await Bench.start({ proxyProtocol: ['loopback'] })
    const rtmp = bench.plain()
    rtmp.write(`${header}\x03`)
    expect(await text(rtmp)).toBe('rtmp')
    expect(bench.accepted.at(-1)?.remote).toEqual(client)
    const http = bench.plain()
    http.write(`${header}GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    expect(await text(http)).toMatch(/http 203\.0\.113\.9$/)
  })

  it('the same inside TLS', async () => {
    const bench = await Bench.start({ proxyProtocol: ['loopback'] })
    const through = async (): Promise<Socket> => {
      const socket = bench.plain()
      socket.write(header)
      const tls = closing(connectTls({ socket, ca: certificate.cert, servername: 'localhost' }))
      await once(tls, 'secureConnect')
      return tls
    }
    const rtmps = await through()
    rtmps.write('\x03')
    expect(await text(rtmps)).toBe('rtmps')
    expect(bench.accepted.at(-1)?.remote).toEqual(client)
    const https = await through()
    https.write('GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    expect(await text(https)).toMatch(/https 203\.0\.113\.9$/)
  })

  it('refuses who comes without the header', async () => {
    const bench = await Bench.start({ proxyProtocol: ['loopback'] })
    const plain = bench.plain()
    plain.write('\x03')
    expect(await text(plain)).toBe('')
    expect(bench.errors).toMatchObject([{ code: 'RTMP_ERR_PROXY_HEADER' }])
  })

  it('believes headers of HTTP from proxies that it trusts', async () => {
    const bench = await Bench.start({ trustProxy: ['loopback'] })
    const plain = bench.plain()
    plain.write('GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n')
    expect(await text(plain)).toMatch(/http 203\.0\.113\.9$/)
  })
})
