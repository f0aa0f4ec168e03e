import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { peek } from '../../src/index.ts'

const message = Buffer.from('first bytes and all the rest')
const decide = (bytes: Buffer) => (bytes.length < 5 ? undefined : bytes.toString('utf8', 0, 5))

/** What is found, and then all that can be read. */
async function peekedAndRead(stream: PassThrough, write: () => void) {
  const found = new Promise(resolve => peek(stream, decide, resolve))
  write()
  const what = await found
  stream.end()
  const read: Buffer[] = []
  for await (const bytes of stream) read.push(bytes as Buffer)
  return { what, read: Buffer.concat(read) }
}

/** Both ends of a connection. */
async function connected(): Promise<{ readonly near: Socket; readonly far: Socket }> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const far = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [near] = (await once(server, 'connection')) as [Socket]
  onTestFinished(() => {
    far.destroy()
    near.destroy()
    server.close()
  })
  return { near, far }
}

describe('peek()', () => {
  it('finds the same however the bytes are split in two, and leaves all of them', async () => {
    for (let at = 0; at <= message.length; at += 1) {
      const stream = new PassThrough()
      const result = await peekedAndRead(stream, () => {
        stream.write(message.subarray(0, at))
        stream.write(message.subarray(at))
      })
      expect(result, `${at}`).toEqual({ what: 'first', read: message })
    }
  })

  it('waits for bytes that come one at a time over a socket', async () => {
    const { near, far } = await connected()
    far.setNoDelay()
    const found = new Promise(resolve => peek(near, decide, resolve))
    for (const byte of message) {
      far.write(Buffer.of(byte))
      await new Promise(resolve => setImmediate(resolve))
    }
    expect(await found).toBe('first')
    far.end()
    const read: Buffer[] = []
    near.on('data', (bytes: Buffer) => read.push(bytes))
    await once(near, 'end')
    expect(Buffer.concat(read)).toEqual(message)
  })

  it.each(['end', 'destroy'] as const)('finds nothing in a connection that is gone before by %s()', async leave => {
    const { near, far } = await connected()
    near.on('error', () => {})
    const found = new Promise(resolve => peek(near, decide, resolve))
    far.write('fir')
    far[leave]()
    expect(await found).toBeUndefined()
  })

  it('can be given up, and leaves what has come', async () => {
    const stream = new PassThrough()
    const giveUp = peek(stream, decide, () => expect.unreachable())
    stream.write('fir')
    await new Promise(resolve => setImmediate(resolve))
    giveUp()
    stream.end('st')
    const read: Buffer[] = []
    for await (const bytes of stream) read.push(bytes as Buffer)
    expect(Buffer.concat(read).toString()).toBe('first')
  })
})
