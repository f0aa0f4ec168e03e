import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { onTestFinished, expect, it } from 'vitest'
import { tcp } from '../src/index.ts'
import type { LendingSocket } from '../src/lending-socket.ts'

async function pair(): Promise<{ server: LendingSocket; client: Socket; close: () => Promise<void> }> {
  let accepted: (stream: Socket) => void = () => {}
  const accepting = new Promise<Socket>(resolve => (accepted = resolve))
  const listener = await tcp({ port: 0 }).listen(({ stream }) => accepted(stream))
  const client = connect(listener.address.port, '127.0.0.1')
  const server = await accepting
  onTestFinished(async () => {
    for (const socket of [server, client]) socket.destroy()
    await listener.close()
  })
  expect(server).toMatchObject({ copies: true, lend: expect.any(Function) })
  return { server: server as LendingSocket, client, close: () => listener.close() }
}

/** What was lent, copied at once. */
function borrowed(socket: LendingSocket): { text: string; buffers: Set<unknown> } {
  const seen = { text: '', buffers: new Set<unknown>() }
  socket.lend(bytes => {
    seen.text += bytes.toString('latin1')
    seen.buffers.add(bytes.buffer)
  })
  return seen
}

const turn = () => new Promise<void>(resolve => setImmediate(resolve))

it.skipIf(process.platform === 'win32')('lends its bytes, all from the same memory, and ends as ever', async () => {
  const { server, client } = await pair()
  const seen = borrowed(server)
  for (const text of ['one', 'two', 'three']) {
    client.write(text)
    while (!seen.text.endsWith(text)) await turn()
  }
  const ended = once(server, 'end')
  client.end()
  await ended
  expect(seen.text).toBe('onetwothree')
  expect(seen.buffers.size).toBe(1)
})

it.skipIf(process.platform === 'win32')('lends from the next read on, while it is read as a stream', async () => {
  const { server, client } = await pair()
  let text = ''
  let seen: { text: string } | undefined
  server.on('data', chunk => {
    text += String(chunk)
    seen ??= borrowed(server)
  })
  client.write('early')
  while (text === '') await turn()
  client.write('late')
  while (seen?.text.length !== 4) await turn()
  expect(text).toBe('early')
  server.pause()
  server.resume()
  client.write(', later')
  while (seen.text.length < 11) await turn()
  expect(seen.text).toBe('late, later')
  expect(text).toBe('early')
})

it.skipIf(process.platform === 'win32')('reads no more while it is paused', async () => {
  const { server, client } = await pair()
  const seen = borrowed(server)
  server.pause()
  const megabyte = Buffer.alloc(8 * 1024 * 1024, 'x')
  client.write(megabyte)
  client.write('end')
  await new Promise(resolve => setTimeout(resolve, 0))
  // The system holds some megabytes, and the rest waits at the other end.
  for (let turns = 0; turns < 50; turns += 1) await turn()
  expect(seen.text).toBe('')
  expect(client.writableLength).toBeGreaterThan(0)
  server.resume()
  while (!seen.text.endsWith('end')) await turn()
  expect(seen.text.length).toBe(megabyte.length + 3)
})

it.skipIf(process.platform === 'win32')('is a stream with bytes of its own for who does not ask', async () => {
  const { server, client } = await pair()
  const chunks: Buffer[] = []
  server.on('data', chunk => chunks.push(chunk as Buffer))
  for (const text of ['one', 'two']) {
    client.write(text)
    while (!Buffer.concat(chunks).toString().endsWith(text)) await turn()
  }
  expect(chunks.map(String)).toEqual(['one', 'two'])
})

it.skipIf(process.platform === 'win32')('counts for the listener, which waits for its end', async () => {
  const { server, client, close } = await pair()
  let isClosed = false
  const closing = close().then(() => (isClosed = true))
  for (let turns = 0; turns < 20; turns += 1) await turn()
  expect(isClosed).toBe(false)
  client.destroy()
  server.destroy()
  await closing
})
