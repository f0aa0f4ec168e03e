import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { tcp } from '@rtmpipe/transport-tcp'
import { expect, it, onTestFinished } from 'vitest'
import { type InnerTransport, type TlsOptions, withTls } from '../src/index.ts'
import { EchoServer, echoes, kept } from './bench.ts'
import { memory } from './memory-transport.ts'
import { otherPair, pair } from './pairs.ts'

it('rejects a self-signed certificate by default, and nobody is accepted', async () => {
  const server = await EchoServer.start()
  await expect(server.greet({})).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  const { stream } = await withTls(tcp(), { insecure: true }).dial(server.url)
  await echoes(kept(stream))
})

it('rejects it whatever NODE_TLS_REJECT_UNAUTHORIZED says', async () => {
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
  onTestFinished(() => void delete process.env.NODE_TLS_REJECT_UNAUTHORIZED)
  const server = await EchoServer.start()
  await expect(server.greet({})).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
})

const trusting: [how: string, options: TlsOptions][] = [
  ['given as `ca`', { ca: pair.cert }],
  ['given as one of `ca`', { ca: [otherPair.cert, pair.cert] }],
  ['not verified', { insecure: true }],
  ['given, and the name asked for', { ca: pair.cert, servername: 'live.example.com' }],
]

it.each(trusting)('accepts a self-signed certificate that is %s', async (_how, options) => {
  const server = await EchoServer.start()
  await server.greet(options)
})

it('rejects a trusted certificate that is for another host', async () => {
  const server = await EchoServer.start({ certificate: otherPair })
  const dialling = server.greet({ ca: otherPair.cert, servername: 'live.example.com' })
  await expect(dialling).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
})

it('rejects another certificate than the one that is trusted', async () => {
  const server = await EchoServer.start()
  await expect(server.greet({ ca: otherPair.cert })).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
})

it('rejects a peer that speaks no TLS, stalls or leaves', async () => {
  const answers = [
    { answer: 'HTTP/1.1 400 Bad Request\r\n\r\n', code: expect.stringMatching(/^ERR_SSL_/), options: {} },
    { answer: '', code: 'RTMP_ERR_TLS_HANDSHAKE_TIMEOUT', options: { handshakeTimeout: 30 } },
    { answer: undefined, code: 'ECONNRESET', options: {} },
  ]
  for (const { answer, code, options } of answers) {
    const server = createServer(socket => {
      kept(socket).resume()
      if (answer === undefined) socket.end()
      else socket.write(answer)
    })
    server.listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const url = new URL(`rtmps://127.0.0.1:${(server.address() as AddressInfo).port}`)
    await expect(withTls(tcp(), options).dial(url)).rejects.toMatchObject({ code })
  }
})

const inner = tcp()
const aborted: [below: string, inner: InnerTransport][] = [
  ['hears of it', inner],
  ['does not', { ...inner, dial: url => inner.dial(url) }],
]

it.each(aborted)('gives up the handshake on abort when the transport below %s', async (_below, below) => {
  const server = createServer(socket => kept(socket).resume())
  server.listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const abort = new AbortController()
  server.once('connection', socket => socket.once('data', () => abort.abort(new Error('enough'))))
  const url = new URL(`rtmps://127.0.0.1:${(server.address() as AddressInfo).port}`)
  await expect(withTls(below).dial(url, { signal: abort.signal })).rejects.toThrow('enough')
})

it('dials port 443 of the same host in the scheme of the transport below', async () => {
  const dialled: URL[] = []
  const dial = async (url: URL): Promise<never> => {
    dialled.push(url)
    throw new Error('far enough')
  }
  for (const url of ['rtmps://live.example.com/app/key', 'rtmps://[::1]:1936/app', 'rtmps://bücher.example']) {
    await expect(withTls({ ...tcp(), dial }).dial(new URL(url))).rejects.toThrow('far enough')
  }
  await expect(withTls({ ...memory(), dial }).dial(new URL('rtmps://a:1'))).rejects.toThrow('far enough')
  expect(dialled.map(String)).toEqual([
    'rtmp://live.example.com:443',
    'rtmp://[::1]:1936',
    'rtmp://b%C3%BCcher.example:443',
    'memory://a:1',
  ])
})

it.each(['rtmp://127.0.0.1', 'https://127.0.0.1', 'rtmps:///live', 'rtmps://%ff'])('refuses %s', async url => {
  await expect(withTls(tcp()).dial(new URL(url))).rejects.toMatchObject({ code: 'RTMP_ERR_TRANSPORT_URL' })
})
