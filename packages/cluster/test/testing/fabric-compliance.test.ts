import { createServer, type Server } from 'node:net'
import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { type Claim, type Fabric, type JoinedStream, MemoryFabric, MemoryHub } from '@rtmpipe/cluster'
import { fabricCompliance } from '@rtmpipe/cluster/testing'
import { LiveStream, streamKey, type StreamView } from '@rtmpipe/session'
import { finished, PassThrough, type Readable, Transform } from 'readable-stream'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { deadline } from '@rtmpipe/testing/suite'

type Mutate = (real: MemoryFabric, hub: MemoryHub) => Partial<Fabric>

function network(mutate: Mutate): { open: () => Fabric } {
  const hub = new MemoryHub()
  return {
    open() {
      const real = new MemoryFabric(hub)
      const dispose = () => real[Symbol.asyncDispose]()
      const { claim, offer, join } = real
      const same = {
        claim: claim.bind(real),
        offer: offer.bind(real),
        join: join.bind(real),
        [Symbol.asyncDispose]: dispose,
      }
      return { ...same, ...mutate(real, hub) }
    },
  }
}

describe('a fabric that keeps the contract', () => {
  it('is disposed of after a case', async () => {
    let disposed = 0
    const hub = new MemoryHub()
    await fabricCompliance[0]?.run(() => ({ open: () => new MemoryFabric(hub), dispose: () => void (disposed += 1) }))
    expect(disposed).toBe(1)
  })
})

describe('a fabric that breaks the contract fails the case about it', () => {
  const patience = deadline.milliseconds
  const leaks: Server[] = []
  beforeAll(() => void (deadline.milliseconds = 200))
  afterAll(() => void (deadline.milliseconds = patience))
  afterEach(() => leaks.splice(0).forEach(server => server.close()))
  const latest = new Map<string, Claim>()

  const mutants: [fault: string, name: string, says: string | RegExp, mutate: Mutate][] = [
    [
      'grants every claim',
      'exactly one',
      'have got the name',
      real => ({ claim: async key => (await real.claim(key)) ?? freeClaim(key) }),
    ],
    [
      'takes two names for one',
      'keeps names apart',
      'in vain for live / a/b',
      real => ({ claim: ({ app, streamName }) => real.claim({ app: '', streamName: `${app}/${streamName}` }) }),
    ],
    [
      'has one epoch',
      'greater epoch',
      'epoch 1 after 1',
      real => ({ claim: async key => ({ ...((await real.claim(key)) as Claim), epoch: 1 }) }),
    ],
    [
      'releases whatever there is',
      'old claim',
      'the name was free',
      real => ({
        async claim(key) {
          const claim = await real.claim(key)
          if (claim !== undefined) latest.set(streamKey(key), claim)
          return claim && { ...claim, release: async () => latest.get(streamKey(key))?.release() }
        },
      }),
    ],
    [
      'offers what it claims',
      'before it is offered',
      'joined what was not offered',
      real => ({
        async claim(key) {
          const claim = await real.claim(key)
          if (claim !== undefined) real.offer(claim, new LiveStream(key.app, key.streamName))
          return claim
        },
      }),
    ],
    [
      'comes too late',
      'from its first message',
      anything,
      changing((message, index) => (index === 0 ? [] : [message])),
    ],
    ['leaves a hole', 'without hole', anything, changing((message, index) => (index === 9 ? [] : [message]))],
    [
      'says things twice',
      'without hole',
      anything,
      changing((message, index) => (index === 9 ? [message, message] : [message])),
    ],
    ['forgets marks', 'bit for bit', 'discontinuity', changing(message => [{ ...message, discontinuity: false }])],
    [
      'changes time',
      'bit for bit',
      anything,
      changing(message => [{ ...message, timestamp: message.timestamp & 0xffffff }]),
    ],
    ['shows a publish twice', 'each publish once', anything, joining((streams, again) => both(streams, again))],
    [
      'joins its own',
      'own process',
      anything,
      (_real, hub) => ({ join: (key, how) => new MemoryFabric(hub).join(key, how) }),
    ],
    ['hears no abort', 'join that is aborted', 'the end of the join', deaf],
    ['hears no abort', 'aborted already', 'joined all the same', deaf],
    ['keeps those who have left', 'without a trace', 'to be forgotten', wrapping(messages => messages.pipe(objects()))],
    ['ends what has failed', 'a process that is gone', 'Missing expected rejection', wrapping(endless)],
    ['joins but once', 'joins again', 'the same publish again', joining(once)],
    [
      'takes all for the slow',
      'bounds what waits',
      'MiB waited',
      wrapping(messages => messages.pipe(objects(2 ** 20))),
    ],
    [
      'waits for the slow',
      'bounds what waits',
      'holds the publisher',
      real => ({ offer: (claim, stream) => real.offer(claim, held(stream)) }),
    ],
    [
      'goes on when disposed',
      'when it is disposed',
      'instead of ending',
      () => ({ [Symbol.asyncDispose]: async () => {} }),
    ],
    [
      'leaves a server',
      'when it is disposed',
      'TCPServerWrap',
      () => (leaks.push(createServer().listen(0, '127.0.0.1')), {}),
    ],
  ]

  it.each(mutants)('one that %s: %s', async (_fault, name, says, mutate) => {
    const cases = fabricCompliance.filter(one => one.name.includes(name))
    expect(cases).toHaveLength(1)
    await expect(cases[0]?.run(() => network(mutate))).rejects.toThrow(says)
  })
})

const anything = /./s

const freeClaim = (key: Claim['key']): Claim => ({
  key,
  epoch: 0,
  lost: new AbortController().signal,
  release: async () => {},
})

const deaf: Mutate = real => ({ join: key => real.join(key, { signal: new AbortController().signal }) })

function joining(
  change: (streams: AsyncIterable<JoinedStream>, again: AsyncIterable<JoinedStream>) => AsyncIterable<JoinedStream>,
): Mutate {
  return real => ({ join: (key, how) => change(real.join(key, how), real.join(key, how)) })
}

function wrapping(wrap: (messages: Readable) => Readable): Mutate {
  return joining(async function* (streams) {
    for await (const { epoch, messages } of streams) yield { epoch, messages: wrap(messages as Readable) }
  })
}

function changing(change: (message: RtmpMessage, index: number) => RtmpMessage[]): Mutate {
  return wrapping(messages => {
    let index = 0
    const changed = new Transform({
      objectMode: true,
      transform(message: RtmpMessage, _encoding, done) {
        for (const each of change(message, index++)) this.push(each)
        done()
      },
    })
    return messages.pipe(changed)
  })
}

async function* both(
  streams: AsyncIterable<JoinedStream>,
  again: AsyncIterable<JoinedStream>,
): AsyncIterable<JoinedStream> {
  const other = again[Symbol.asyncIterator]()
  for await (const stream of streams) {
    yield stream
    yield (await other.next()).value as JoinedStream
  }
}

async function* once(streams: AsyncIterable<JoinedStream>): AsyncIterable<JoinedStream> {
  const seen = new Set<number>()
  for await (const stream of streams) if (!seen.has(stream.epoch) && seen.add(stream.epoch)) yield stream
}

function endless(messages: Readable): Readable {
  const ends = objects()
  finished(messages, () => ends.end())
  return messages.pipe(ends)
}

function objects(highWaterMark = 16): PassThrough {
  return new PassThrough({ objectMode: true, highWaterMark })
}

/** A carrier that lets the publisher wait. */
function held(stream: StreamView): StreamView {
  ;(stream as LiveStream).pause({})
  return stream
}
