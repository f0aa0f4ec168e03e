import type { SparingBytes } from '@rtmpipe/chunk-stream'
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { closed, farEndGone, readBytes, write } from '../byte-stream.ts'
import type { BenchCase } from '../compliance.ts'
import type { TransportBench } from '../transport-bench.ts'
import { turns } from '../turns.ts'
import { within } from '../within.ts'

const MEBIBYTE = 2 ** 20

type Lender = Duplex & Required<Pick<SparingBytes, 'lend'>>

/** Byte streams that lend what they read. What does not lend has nothing to prove here. */
export const lendingCases: readonly BenchCase<TransportBench>[] = [
  {
    name: 'loses and swaps nothing when it begins to lend in the middle of its bytes',
    async run(bench) {
      for await (const { lender, far } of lenders(bench)) {
        const sent = randomBytes(4 * MEBIBYTE)
        const borrower = new Borrower(lender)
        let early = 0
        const onData = (chunk: Buffer): void => {
          early += chunk.length
          borrower.take(chunk)
          if (early < MEBIBYTE) return
          lender.off('data', onData)
          process.nextTick(lendWhenRead, lender, borrower)
        }
        lender.on('data', onData)
        flood(far, sent)
        await borrower.has(sent)
      }
    },
  },
  {
    name: 'lends nothing while it is paused, whether the pause begins before or after',
    async run(bench) {
      for (const isPausedBefore of [true, false]) {
        for await (const { lender, far } of lenders(bench)) {
          const borrower = new Borrower(lender)
          if (isPausedBefore) lender.pause()
          borrower.begin()
          if (!isPausedBefore) lender.pause()
          const sent = randomBytes(256 * 1024)
          far.write(sent)
          await turns(50)
          assert.equal(borrower.length, 0, 'bytes were lent by a stream that is paused')
          lender.resume()
          await borrower.has(sent)
        }
      }
    },
  },
  {
    name: 'pauses in the middle of what it lends, and goes on where it was',
    async run(bench) {
      for await (const { lender, far } of lenders(bench)) {
        const sent = randomBytes(8 * MEBIBYTE)
        const borrower = new Borrower(lender)
        let isPaused = false
        let isDeaf = false
        borrower.taken = () => {
          isDeaf ||= isPaused
          isPaused = true
          lender.pause()
          setImmediate(() => {
            isPaused = false
            lender.resume()
          })
        }
        borrower.begin()
        flood(far, sent)
        await borrower.has(sent)
        assert.equal(isDeaf, false, 'bytes were lent by a stream that is paused')
      }
    },
  },
  {
    name: 'lends what came before the end, then ends, and sends on',
    async run(bench) {
      for await (const { lender, far } of lenders(bench)) {
        const borrower = new Borrower(lender)
        borrower.begin()
        lender.pause()
        const ended = new Promise<number>(resolve => lender.once('end', () => resolve(borrower.length)))
        const sent = randomBytes(256 * 1024)
        far.end(sent)
        await turns(20)
        lender.resume()
        assert.equal(await within('the end of a stream that lends', ended), sent.length, 'it ended too early')
        await borrower.has(sent)
        if (bench.lacks('half-open')) continue
        const answer = randomBytes(64 * 1024)
        lender.write(answer)
        assert.ok((await readBytes(far, answer.length)).equals(answer), 'the answer to a half-closed peer differs')
        lender.end()
        far.resume()
        await Promise.all([closed(lender), closed(far)])
      }
    },
  },
  {
    name: 'lends nothing more once it is destroyed by who borrows',
    async run(bench) {
      for await (const { lender, far } of lenders(bench)) {
        const borrower = new Borrower(lender)
        let calls = 0
        borrower.taken = () => {
          calls += 1
          lender.destroy()
        }
        borrower.begin()
        far.on('error', () => {})
        flood(far, randomBytes(8 * MEBIBYTE))
        await Promise.all([closed(lender), farEndGone(far)])
        await turns(10)
        assert.equal(calls, 1, 'bytes were lent by a stream that is destroyed')
      }
    },
  },
  {
    name: 'lends nothing once it is destroyed already',
    async run(bench) {
      for await (const { lender, far } of lenders(bench)) {
        await write(far, Buffer.from('unread'))
        lender.destroy()
        await closed(lender)
        const borrower = new Borrower(lender)
        borrower.begin()
        await turns(10)
        assert.equal(borrower.length, 0)
      }
    },
  },
]

/** The ends of fresh connections that lend, one after the other. */
async function* lenders(bench: TransportBench): AsyncGenerator<{ readonly lender: Lender; readonly far: Duplex }> {
  for (const isDialled of [true, false]) {
    const { client, server } = await bench.connect()
    const [lender, far] = isDialled ? [client.stream, server.stream] : [server.stream, client.stream]
    if (isLender(lender)) yield { lender, far }
  }
}

/** Writes in pieces: some carriers would hand over one write as one read. */
function flood(far: Duplex, bytes: Buffer): void {
  for (let offset = 0; offset < bytes.length; offset += 50_000) far.write(bytes.subarray(offset, offset + 50_000))
}

function isLender(stream: Duplex): stream is Lender {
  return typeof (stream as SparingBytes).lend === 'function'
}

/** Begins to borrow when nothing waits to be read. */
function lendWhenRead(lender: Lender, borrower: Borrower): void {
  if (lender.readableLength === 0) return borrower.begin()
  lender.once('data', (chunk: Buffer) => {
    borrower.take(chunk)
    process.nextTick(lendWhenRead, lender, borrower)
  })
}

/** Copies what it is lent, and overwrites it: the memory is the lender's again. */
class Borrower {
  taken: () => void = () => {}
  length = 0
  readonly #lender: Lender
  readonly #hash = createHash('sha256')
  #wake: (() => void) | undefined

  constructor(lender: Lender) {
    this.#lender = lender
  }

  begin(): void {
    this.#lender.lend(bytes => {
      this.take(bytes)
      bytes.fill(0)
      this.taken()
    })
  }

  take(bytes: Buffer): void {
    this.length += bytes.length
    this.#hash.update(bytes)
    this.#wake?.()
  }

  /** Resolves when it has these bytes, and no others. */
  async has(bytes: Buffer): Promise<void> {
    while (this.length < bytes.length) {
      await within(`${bytes.length} bytes`, new Promise<void>(resolve => (this.#wake = resolve)))
    }
    const digest = this.#hash.copy().digest('hex')
    assert.equal(this.length, bytes.length, 'more bytes came than were sent')
    assert.equal(digest, createHash('sha256').update(bytes).digest('hex'), 'other bytes came than were sent')
  }
}
