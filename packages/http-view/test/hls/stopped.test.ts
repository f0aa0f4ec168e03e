import type { Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { RtmpMessage } from '@rtmpipe/session'
import { samples, send } from '@rtmpipe/testing'
import { expect, it, vi } from 'vitest'
import { hls } from '../../src/index.ts'
import { stream } from '../support/cut.ts'
import { namesIn, watch } from '../support/hls-viewer.ts'
import { rawSocket } from '../support/raw-answer.ts'
import { served } from '../support/served.ts'

const mebibyte = 1024 * 1024
/** Of each picture: 20 Mbit/s at 25 a second. */
const picture = 100_000

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Bytes of media in memory, whoever holds them. */
async function mediaBytes(): Promise<number> {
  for (let times = 0; times < 3; times += 1) {
    await new Promise(resolve => setImmediate(resolve))
    collect()
  }
  return process.memoryUsage().arrayBuffers
}

function* seconds(from: number, to: number): Generator<RtmpMessage[]> {
  for (let second = from; second < to; second += 1)
    yield stream({ seconds: 1, from: second * 1_000, gop: 25 })
      .slice(second === 0 ? 0 : 3)
      .map(message =>
        message.messageTypeId === 9 && message.payload[1] === 1
          ? { ...message, payload: Buffer.concat([message.payload, Buffer.alloc(picture)]) }
          : message,
      )
}

/** What a stream of 20 Mbit/s keeps, with viewers who ask for all there is and read nothing. */
async function kept(viewers: number): Promise<number> {
  const server = await served(hls({ segmentDuration: 1_000, window: 10_000 }))
  const publisher = await server.test.publish('live/stream')
  await send(publisher, [samples.metadata(), samples.videoHeader(0), samples.audioHeader(0)])
  const before = server.test.server.connections.size
  for (const messages of seconds(0, 1)) await send(publisher, messages)
  const watching = watch(server)
  await vi.waitFor(() => expect(server.test.server.connections.size).toBe(before + 1))
  for (const messages of seconds(1, 15)) await send(publisher, messages)
  const viewer = await watching
  const sockets: Socket[] = []
  for (let count = 0; count < viewers; count += 1) {
    const names = namesIn(await (await viewer.playlist()).text()).filter(name => name.endsWith('.m4s'))
    const socket = await rawSocket(server.port)
    sockets.push(socket.pause())
    socket.write(names.map(name => `GET /live/stream/${name} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''))
  }
  await viewer.playlist()
  // Twice the window goes by.
  for (const messages of seconds(15, 35)) await send(publisher, messages)
  await viewer.playlist()
  const bytes = await mediaBytes()
  // What they hold would be held in the next run.
  for (const socket of sockets) socket.destroy()
  await server.test[Symbol.asyncDispose]()
  return bytes
}

it('stopped viewers of 20 Mbit/s cost together what was in the window when they asked, and nothing each', async () => {
  const none = await kept(0)
  const [one, many] = [await kept(1), await kept(20)]
  // Ten seconds are 25 MB, and what is not listed any more is there for six.
  expect(one - none).toBeLessThan(48 * mebibyte)
  expect(many - one).toBeLessThan(10 * mebibyte)
}, 60_000)
