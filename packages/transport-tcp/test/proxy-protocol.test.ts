import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { tcp, type TcpConnection, type TcpListener, type TcpOptions } from '../src/index.ts'

const header = 'PROXY TCP4 203.0.113.9 192.0.2.1 4711 1935\r\n'

interface Server {
  readonly listener: TcpListener
  readonly refused: unknown[][]
  dial(): Socket
  accepted(): Promise<TcpConnection>
  refusal(): Promise<unknown[]>
}

async function listen(options: TcpOptions): Promise<Server> {
  const connections: TcpConnection[] = []
  const refused: unknown[][] = []
  let wake = (): void => {}
  const next = async <T>(list: T[]): Promise<T> => {
    while (list.length === 0) await new Promise<void>(resolve => (wake = resolve))
    return list.shift() as T
  }
  const onError = (...told: unknown[]): void => {
    refused.push(told)
    wake()
  }
  const listener = await tcp({ ...options, port: 0, onError }).listen(connection => {
    connections.push(connection)
    wake()
  })
  onTestFinished(() => void listener.close())
  return {
    listener,
    refused,
    dial() {
      const socket = connect(listener.address.port, '127.0.0.1').on('error', () => {})
      onTestFinished(() => void socket.destroy())
      return socket
    },
    accepted: () => next(connections),
    refusal: () => next(refused),
  }
}

it('tells whom the proxy speaks for, and loses no byte', async () => {
  const { dial, accepted } = await listen({ proxyProtocol: ['loopback'] })
  dial().end(`${header}hello`)
  const { remote, stream } = await accepted()
  expect(remote).toEqual({ address: '203.0.113.9', port: 4711 })
  let text = ''
  for await (const bytes of stream) text += String(bytes)
  expect(text).toBe('hello')
  stream.destroy()
})

it('lends memory behind the header as well', async () => {
  const { dial, accepted } = await listen({ proxyProtocol: ['loopback'] })
  const client = dial().setNoDelay()
  client.write(header)
  const { stream } = await accepted()
  let text = ''
  const { lend } = stream as Socket & { lend?(take: (bytes: Buffer) => void): void }
  if (lend === undefined) throw new Error('this socket does not lend')
  lend.call(stream, (bytes: Buffer) => (text += String(bytes)))
  stream.resume()
  client.end('hello')
  await once(stream, 'end')
  expect(text).toBe('hello')
  stream.destroy()
})

it('refuses who is no proxy, and a proxy without a header', async () => {
  const strangers = await listen({ proxyProtocol: ['10.0.0.0/8'] })
  const stranger = strangers.dial()
  stranger.write(header)
  await once(stranger, 'close')
  expect(await strangers.refusal()).toEqual([
    expect.objectContaining({ code: 'RTMP_ERR_PROXY_UNTRUSTED' }),
    { address: '127.0.0.1', port: expect.any(Number) },
  ])
  const { dial, refusal } = await listen({ proxyProtocol: ['127.0.0.1'] })
  dial().write('\x03hello')
  expect(await refusal()).toEqual([
    expect.objectContaining({ code: 'RTMP_ERR_PROXY_HEADER' }),
    expect.objectContaining({ address: '127.0.0.1' }),
  ])
})

it('does not listen with networks that are none', async () => {
  await expect(tcp({ port: 0, proxyProtocol: ['everybody'] }).listen(() => {})).rejects.toMatchObject({
    code: 'RTMP_ERR_TRUST_OPTION',
  })
})

it('does not wait for headers when it closes', async () => {
  const { listener, dial, refused, accepted } = await listen({ proxyProtocol: ['loopback'] })
  const waiting = dial()
  await once(waiting, 'connect')
  const passed = dial()
  passed.write(header)
  const { stream } = await accepted()
  stream.destroy()
  await listener.close()
  await once(waiting, 'close')
  expect(refused).toEqual([])
})
