import type { BenchCase } from '../compliance.ts'
import type { TransportBench } from '../transport-bench.ts'
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { closed, readBytes, write } from '../byte-stream.ts'
import { turns } from '../turns.ts'
import { within } from '../within.ts'

const MEBIBYTE = 2 ** 20
/** What the flood sends, and how much of it may be under way to a reader that does not read: system buffers and ours. */
const FLOOD = 64 * MEBIBYTE
const UNREAD_LIMIT = 24 * MEBIBYTE

/** What goes in at one end comes out at the other, and no faster than it is read. */
export const byteCases: readonly BenchCase<TransportBench>[] = [
  {
    name: 'carries random bytes in both directions at once',
    async run(bench) {
      const { client, server } = await bench.connect()
      const up = randomBytes(MEBIBYTE)
      const down = randomBytes(MEBIBYTE)
      const [atServer, atClient] = await Promise.all([
        readBytes(server.stream, up.length),
        readBytes(client.stream, down.length),
        write(client.stream, up),
        write(server.stream, down),
      ])
      assert.ok(atServer.equals(up), 'the listening side read other bytes than were sent')
      assert.ok(atClient.equals(down), 'the dialling side read other bytes than were sent')
    },
  },
  {
    name: 'keeps the order of many small writes',
    async run(bench) {
      const { client, server } = await bench.connect()
      for (const [from, to] of [
        [client.stream, server.stream],
        [server.stream, client.stream],
      ] as const) {
        const writes = Array.from({ length: 5_000 }, (_, index) => Buffer.from(`${index},`))
        const sent = Buffer.concat(writes)
        const received = readBytes(to, sent.length)
        for (const bytes of writes) from.write(bytes)
        assert.ok((await received).equals(sent), 'bytes came in another order or changed')
      }
    },
  },
  {
    name: 'holds a writer back while nobody reads, and loses nothing',
    async run(bench) {
      const { client, server } = await bench.connect()
      const flood = new Flood(client.stream)
      await settled(() => flood.taken)
      assert.ok(flood.heldBack, 'write() never answered false')
      assert.ok(flood.taken <= UNREAD_LIMIT, `${flood.taken} bytes were taken for a peer that reads nothing`)
      const received = createHash('sha256')
      let length = 0
      const all = new Promise<void>(resolve => {
        server.stream.on('data', (chunk: Buffer) => {
          received.update(chunk)
          length += chunk.length
          if (length >= FLOOD) resolve()
        })
      })
      await within(`all of the ${FLOOD} bytes`, all)
      assert.equal(length, FLOOD)
      assert.equal(received.digest('hex'), flood.hash.digest('hex'), 'other bytes came than were sent')
      client.stream.destroy()
      server.stream.destroy()
      await Promise.all([closed(client.stream), closed(server.stream)])
    },
  },
]

/** Writes {@link FLOOD} bytes as fast as the stream takes them. */
class Flood {
  readonly hash = createHash('sha256')
  /** Bytes that have left the stream's own buffer. */
  taken = 0
  /** Whether `write()` has answered false. */
  heldBack = false
  #left = FLOOD

  constructor(stream: Duplex) {
    const block = randomBytes(64 * 1024)
    const pump = (): void => {
      while (this.#left > 0) {
        this.#left -= block.length
        this.hash.update(block)
        if (stream.write(block, () => (this.taken += block.length))) continue
        this.heldBack = true
        stream.once('drain', pump)
        return
      }
    }
    pump()
  }
}

/** Resolves when `value` stays the same however often the event loop turns. */
async function settled(value: () => number): Promise<void> {
  let before = -1
  while (value() !== before) {
    before = value()
    await turns(50)
  }
}
