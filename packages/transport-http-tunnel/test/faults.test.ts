import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type HttpTunnelOptions, httpTunnel, type TunnelConnection } from '../src/index.ts'
import { cert, key, listening } from './support/bench.ts'
import { BENDS, BREAKS, type Fault, FaultRelay, type Faults } from '../../../test/support/fault-relay.ts'
import { Random } from '../../../test/support/random.ts'
import { readAll, writeAll } from './support/two-way.ts'

/** Bytes in each direction. */
const LENGTH = 60_000

interface Pair {
  readonly relay: FaultRelay
  readonly near: TunnelConnection
  readonly far: TunnelConnection
}

/** A tunnel through a relay, and both of its ends. */
async function through(faults: Faults, seed: number, options: HttpTunnelOptions = {}): Promise<Pair> {
  const { port, accepted } = await listening(options)
  // An answer to /open that is lost, or given twice, leaves a session that nobody uses: which one is meant?
  const relay = new FaultRelay(port, new Random(seed), path => (path.startsWith('/open') ? [] : faults(path)))
  await relay.start()
  onTestFinished(() => relay.stop())
  const near = await httpTunnel().dial(new URL(`rtmpt://127.0.0.1:${relay.port}`))
  onTestFinished(() => void near.stream.destroy())
  const far = await accepted.next()
  return { relay, near, far }
}

/** Sends other bytes in each direction, at the same time, and compares what has come. */
async function isExact({ near, far }: Pick<Pair, 'near' | 'far'>, seed: number, length = LENGTH): Promise<void> {
  const up = new Random(seed * 2 + 1).bytes(length)
  const down = new Random(seed * 2 + 2).bytes(length)
  const upload = async (): Promise<void> => {
    await writeAll(near.stream, up, new Random(seed))
    await came
    near.stream.end()
  }
  const download = async (): Promise<void> => {
    await writeAll(far.stream, down, new Random(seed + 1))
    far.stream.end()
  }
  const came = readAll(near.stream)
  const went = readAll(far.stream)
  await Promise.all([came, went, upload(), download()])
  expect((await went).equals(up)).toBe(true)
  expect((await came).equals(down)).toBe(true)
}

/** Each request meets each of the faults at times. */
function sometimes(faults: readonly Fault[], random: Random, oneIn: number): Faults {
  return () => faults.filter(() => random.below(oneIn) === 0)
}

const seeds = [1, 2, 3, 4]

describe('a tunnel through a proxy at fault is exact in both directions', () => {
  it.each(BENDS)('%s', async fault => {
    await Promise.all(
      seeds.map(async seed => {
        const pair = await through(() => [fault], seed)
        await isExact(pair, seed)
        expect(pair.relay.met.get(fault)).toBe(pair.relay.requests - 1)
      }),
    )
  })

  it.each(BREAKS)('%s', async fault => {
    await Promise.all(
      seeds.map(async seed => {
        const pair = await through(sometimes([fault], new Random(seed), 5), seed)
        await isExact(pair, seed)
        expect(pair.relay.met.get(fault)).toBeGreaterThan(2)
      }),
    )
  })

  it('a connection for each request, closed without a word', async () => {
    await Promise.all(
      seeds.map(async seed => {
        const pair = await through(() => ['cut between requests'], seed)
        await isExact(pair, seed)
        expect(pair.relay.met.get('cut between requests')).toBe(pair.relay.requests - 1)
      }),
    )
  })

  it('body sent on in chunks', async () => {
    await Promise.all(
      seeds.map(async seed => {
        const pair = await through(path => (path.startsWith('/send') ? ['chunked request'] : []), seed)
        await isExact(pair, seed)
        expect(pair.relay.met.get('chunked request')).toBeGreaterThan(2)
      }),
    )
  })

  it('requests that nobody ever answers', async () => {
    await Promise.all(
      (['/send', '/idle'] as const).map(async (kind, seed) => {
        let left = 1
        const pair = await through(path => (path.startsWith(kind) && left-- > 0 ? ['swallowed'] : []), seed)
        await isExact(pair, seed + 1)
        expect(pair.relay.met.get('swallowed')).toBe(1)
      }),
    )
  })

  it('two faults at once', async () => {
    const all: readonly Fault[] = [...BENDS, ...BREAKS]
    const pairs = Array.from({ length: 24 }, (_, index) => {
      const random = new Random(index + 100)
      const first = random.of(all)
      return [first, random.of(all.filter(fault => fault !== first))] as const
    })
    await Promise.all(
      pairs.map(async ([first, second], index) => {
        const pair = await through(sometimes([first, second], new Random(index), 4), index)
        await isExact(pair, index, LENGTH / 4)
        expect(pair.relay.met.size).toBe(2)
      }),
    )
  })

  it('restarts that take 0.3, 2 and 10 s', async () => {
    const restarts = [300, 2_000, 10_000].flatMap(down => seeds.map(seed => ({ down, seed })))
    await Promise.all(
      restarts.map(async ({ down, seed }) => {
        const pair = await through(() => [], seed)
        const sending = isExact(pair, seed)
        await sleep(60 + seed * 7)
        await pair.relay.stop()
        await sleep(down)
        await pair.relay.start()
        await sending
      }),
    )
  })
})

describe('a tunnel over TLS', () => {
  it('is exact when its connections are cut again and again, wherever they are', async () => {
    const { port, accepted } = await listening({ tls: { cert, key } })
    let cuts = 0
    const random = new Random(1)
    const relay = createServer(near => {
      const far = connect(port, '127.0.0.1')
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        socket.on('error', () => {}).on('close', () => other.destroy())
        // By what comes, and not by the clock: a quick machine would be done before it.
        socket.on('data', () => {
          if (random.below(10) > 0) return
          cuts += 1
          socket.destroy()
        })
        socket.pipe(other)
      }
    })
    relay.listen(0, '127.0.0.1')
    await once(relay, 'listening')
    onTestFinished(() => void relay.close())
    const { port: relayPort } = relay.address() as AddressInfo
    const near = await httpTunnel({ ca: cert }).dial(new URL(`rtmpts://127.0.0.1:${relayPort}`))
    onTestFinished(() => void near.stream.destroy())
    const far = await accepted.next()
    await isExact({ near, far }, 1)
    expect(cuts).toBeGreaterThan(5)
  })
})

function sleep(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds))
}
