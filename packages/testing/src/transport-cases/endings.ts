import type { BenchCase } from '../compliance.ts'
import type { TransportBench } from '../transport-bench.ts'
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { closed, farEndGone, readBytes, readToEnd, write } from '../byte-stream.ts'

/** How connections end. */
export const endingCases: readonly BenchCase<TransportBench>[] = [
  {
    name: 'delivers what was written before end(), then ends',
    async run(bench) {
      const { client, server } = await bench.connect()
      await endsProperly(client.stream, server.stream)
    },
  },
  {
    name: 'goes on in one direction after end() in the other',
    async run(bench) {
      if (bench.lacks('half-open')) return
      for (const dialled of [true, false]) {
        const { client, server } = await bench.connect()
        await halfCloses(dialled ? client.stream : server.stream, dialled ? server.stream : client.stream)
      }
    },
  },
  {
    name: 'lets the listening side see that the dialling side is destroyed',
    async run(bench) {
      const { client, server } = await bench.connect()
      await write(client.stream, Buffer.from('so far'))
      await readBytes(server.stream, 6)
      client.stream.destroy()
      await farEndGone(server.stream)
    },
  },
  {
    name: 'lets the dialling side see that the listening side is destroyed with an error',
    async run(bench) {
      const { client, server } = await bench.connect()
      await write(client.stream, Buffer.from('so far'))
      await readBytes(server.stream, 6)
      server.stream.destroy(new Error('thrown out'))
      await farEndGone(client.stream)
      assert.equal(client.stream.errored?.message === 'thrown out', false, 'an error crossed to the far end')
    },
  },
  {
    name: 'ends one connection without touching another',
    async run(bench) {
      const { url, accept } = await bench.listen()
      const first = await bench.dial(url)
      const firstAccepted = await accept()
      const second = await bench.dial(url)
      const secondAccepted = await accept()
      first.stream.destroy(new Error('gone'))
      await farEndGone(firstAccepted.stream)
      await echoes(second.stream, secondAccepted.stream)
    },
  },
  {
    name: 'destroys a dialled connection when its signal is aborted',
    async run(bench) {
      const abort = new AbortController()
      const { client, server } = await bench.connect({ signal: abort.signal })
      await echoes(client.stream, server.stream)
      abort.abort()
      await closed(client.stream)
      await farEndGone(server.stream)
    },
  },
]

/** A few bytes there and back: the connection is alive. */
export async function echoes(client: Duplex, server: Duplex): Promise<void> {
  const bytes = randomBytes(32)
  client.write(bytes)
  server.write(await readBytes(server, bytes.length))
  assert.ok((await readBytes(client, bytes.length)).equals(bytes), 'the echo differs')
}

async function endsProperly(from: Duplex, to: Duplex): Promise<void> {
  const bytes = randomBytes(256 * 1024)
  from.end(bytes)
  from.resume()
  assert.ok((await readToEnd(to)).equals(bytes), 'bytes written before end() are missing or differ')
  to.end()
  await Promise.all([closed(from), closed(to)])
}

async function halfCloses(from: Duplex, to: Duplex): Promise<void> {
  from.end('question')
  assert.equal((await readToEnd(to)).toString(), 'question')
  const answer = randomBytes(256 * 1024)
  to.write(answer)
  assert.ok((await readBytes(from, answer.length)).equals(answer), 'the answer to a half-closed peer differs')
  to.end()
  assert.equal((await readToEnd(from)).length, 0)
  await Promise.all([closed(from), closed(to)])
}
