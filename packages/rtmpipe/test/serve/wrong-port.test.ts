import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { text } from 'node:stream/consumers'
import type { Logger } from '@rtmpipe/session'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createSelfSignedCertificate, createServer, httpTunnel, type Server, tcp, tls } from '../../src/index.ts'
import { logTransportErrors } from '../../src/serve/transports.ts'

const http = Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
const rtmp = Buffer.concat([Buffer.of(3), Buffer.alloc(1536)])
const hello = Buffer.from('16030100050100000100', 'hex')

let server: Server
let ports: Record<string, number>
let warned: (message: string) => void = () => {}

beforeAll(async () => {
  const certificate = await createSelfSignedCertificate()
  const log: Logger = { debug() {}, info() {}, error() {}, warn: (_, message) => warned(message), child: () => log }
  // Tests come faster than the log allows.
  const onError: ReturnType<typeof logTransportErrors> = (error, remote) =>
    logTransportErrors(log, () => server.listeners)(error, remote)
  server = createServer({
    log,
    transports: [
      tcp({ port: 0 }),
      tls({ port: 0, certificate, onError }),
      httpTunnel({ port: 0, onError }),
      httpTunnel({ port: 0, onError, tls: { certificate } }),
    ],
  })
  ports = Object.fromEntries((await server.listen()).map(({ scheme, address }) => [scheme, address.port]))
})
afterAll(() => server?.close())

async function sent(scheme: string, isInsideTls: boolean, bytes: Buffer): Promise<{ answer: string; line: string }> {
  const line = new Promise<string>(resolve => (warned = resolve))
  const port = ports[scheme] ?? 0
  const socket: Socket = isInsideTls
    ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
    : connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  await once(socket, isInsideTls ? 'secureConnect' : 'connect')
  socket.write(bytes)
  return { answer: await text(socket).catch(() => ''), line: await line }
}

const name = (scheme: string) => `${scheme.toUpperCase()} is on port ${ports[scheme]}`

describe('a port says what has come to it', () => {
  it.each([
    ['rtmp', false, 'HTTP', http, 'this is HTTP: ', ['rtmpt'], /^HTTP\/1\.1 421 .*This port speaks RTMP/s],
    ['rtmp', false, 'TLS', hello, 'this is TLS: ', ['rtmps', 'rtmpts'], /^$/],
    ['rtmps', false, 'HTTP', http, 'this is HTTP: ', ['rtmpt'], /^HTTP\/1\.1 421 .*This port speaks TLS/s],
    ['rtmps', false, 'RTMP', rtmp, 'this is RTMP: ', ['rtmp'], /^$/],
    ['rtmps', true, 'HTTP', http, 'this is HTTP inside TLS: ', ['rtmpts'], /^HTTP\/1\.1 421 .*This port speaks RTMP/s],
    ['rtmpt', false, 'RTMP', rtmp, 'this is RTMP: ', ['rtmp'], /^HTTP\/1\.1 400 /],
    ['rtmpt', false, 'TLS', hello, 'this is TLS: ', ['rtmps', 'rtmpts'], /^HTTP\/1\.1 400 /],
    ['rtmpts', false, 'HTTP', http, 'this is HTTP: ', ['rtmpt'], /^HTTP\/1\.1 421 .*This port speaks TLS/s],
    ['rtmpts', false, 'RTMP', rtmp, 'this is RTMP: ', ['rtmp'], /^$/],
    ['rtmpts', true, 'RTMP', rtmp, 'this is RTMP inside TLS: ', ['rtmps'], /^(?:HTTP\/1\.1 400 .*)?$/s],
  ] as const)('%s, inside TLS %s: %s', async (scheme, isInsideTls, _what, bytes, begin, belongs, answered) => {
    const { answer, line } = await sent(scheme, isInsideTls, bytes)
    expect(line).toBe(begin + belongs.map(name).join(', '))
    expect(answer).toMatch(answered)
  })
})

it('the log bounds how often it says so', () => {
  const lines: string[] = []
  const log = { warn: (_: object, message: string) => void lines.push(message), debug() {} } as unknown as Logger
  const told = logTransportErrors(log)
  const error = Object.assign(new Error('nothing came'), { code: 'RTMP_ERR_FIRST_BYTES_TIMEOUT' })
  for (let time = 0; time < 20; time += 1) told(error, { address: '192.0.2.1', port: 1 })
  expect(lines).toHaveLength(10)
})
