import type { Duplex } from 'node:stream'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { transportCompliance } from '../src/transport-compliance.ts'
import { turns } from '../src/turns.ts'
import { deadline } from '../src/within.ts'
import { type Faults, memory, subject } from './memory-transport.ts'

describe('a transport that keeps the contract', () => {
  it.each(transportCompliance)('$name', ({ run }) => run(() => subject(memory())))

  it.each(transportCompliance.filter(({ name }) => name.includes('lend')))('and lends: $name', ({ run }) =>
    run(() => subject(memory({ pair: (client, server) => [lending(client), lending(server)] }))),
  )

  it('is disposed of after a case', async () => {
    let disposed = 0
    for (const { run } of transportCompliance.slice(0, 1)) {
      await run(() => ({ ...subject(memory()), dispose: () => void disposed++ }))
    }
    expect(disposed).toBe(1)
  })
})

describe('a transport that breaks the contract fails the case about it', () => {
  const patience = deadline.milliseconds
  const leaks: NodeJS.Timeout[] = []
  beforeAll(() => void (deadline.milliseconds = 150))
  afterAll(() => void (deadline.milliseconds = patience))
  afterEach(() => leaks.splice(0).forEach(timer => clearTimeout(timer)))

  const mutants: [fault: string, name: string, says: string, faults: Faults][] = [
    ['changes a byte', 'carries random', 'other bytes', { pair: (client, server) => [client, changing(server)] }],
    ['swaps chunks', 'keeps the order', 'another order', { pair: (client, server) => [swapping(client), server] }],
    ['never says no', 'holds a writer', 'never answered', { pair: (client, server) => [greedy(client, true), server] }],
    [
      'takes all',
      'holds a writer',
      'that reads nothing',
      { pair: (client, server) => [greedy(client, false), server] },
    ],
    ['loses last words', 'delivers what', 'the end of', { pair: (client, server) => [hasty(client), server] }],
    ['ends both ways', 'goes on in one', 'bytes short', { pair: (client, server) => [whole(client), whole(server)] }],
    ['hides its end', 'that the dialling', 'far end', { pair: (client, server) => [immortal(client), server] }],
    ['hides its end', 'that the listening', 'far end', { pair: (client, server) => [client, immortal(server)] }],
    ['hears no abort, connected', 'destroys a dialled', 'a stream to close', { deafToAbort: true }],
    ['hears no abort, listening', 'signal of listen() is aborted', 'went on accepting', { deafToAbort: true }],
    ['hears no abort, before', 'aborted already', 'Missing expected rejection', { deafToAbort: true }],
    ['hears no abort, dialling', 'gives up dialling', 'Missing expected rejection', { deafToAbort: true }],
    ['does not wait', 'close() stops', 'while a connection was open', { closesEarly: true }],
    ['accepts after close()', 'close() stops', 'went on accepting', { acceptsForever: true }],
    ['accepts after close()', 'nobody listens', 'Missing expected rejection', { acceptsForever: true }],
    ['has one listener for all', 'two listeners', 'an accepted connection', { mixesListeners: true }],
    ['leaves a timer', 'leaves no socket', 'Timeout', { leaks }],
    ['hides a port', 'who the other', 'port 0', { describe: it => ({ ...it, remote: { address: 'x', port: 0 } }) }],
    ['hides an address', 'who the other', "''", { describe: it => ({ ...it, remote: { address: '', port: 1 } }) }],
    ['loses what it lends first', 'loses and swaps', 'bytes', lends({ loses: true })],
    ['lends while it is paused', 'whether the pause', 'that is paused', lends({ isDeaf: true })],
    ['goes on while it is paused', 'pauses in the middle', 'that is paused', lends({ isDeaf: true })],
    ['lends too late', 'lends what came', 'too early', lends({ isLate: true })],
    ['lends after its end', 'who borrows', 'that is destroyed', lends({ isLate: true })],
    ['tells another scheme', 'who the other', 'other', { describe: it => ({ ...it, transport: 'other' }) }],
  ]

  it.each(mutants)('one that %s: %s', async (_fault, name, says, faults) => {
    const cases = transportCompliance.filter(one => one.name.includes(name))
    expect(cases).toHaveLength(1)
    await expect(cases[0]?.run(() => subject(memory(faults)))).rejects.toThrow(says)
  })

  it('unless it says that it lacks that', async () => {
    const halfOpen = transportCompliance.find(({ name }) => name.includes('goes on in one'))
    const transport = memory({ pair: (client, server) => [whole(client), whole(server)] })
    await halfOpen?.run(() => ({ ...subject(transport), lacks: ['half-open'] }))
  })
})

interface LendingFaults {
  /** The first read is lost. */
  readonly loses?: boolean
  /** A pause is not heard. */
  readonly isDeaf?: boolean
  /** Lends some turns after it has read. */
  readonly isLate?: boolean
}

/** Lends what it reads: a stream does so by its events, but for the memory. */
function lending(stream: Duplex, { loses = false, isDeaf = false, isLate = false }: LendingFaults = {}): Duplex {
  const lend = (take: (bytes: Buffer) => void): void => {
    let count = 0
    if (isDeaf) stream.resume().pause = () => stream
    stream.on('data', (chunk: Buffer) => {
      count += 1
      if (isLate) void turns(5).then(() => take(Buffer.from(chunk)))
      else if (count > 1 || !loses) take(Buffer.from(chunk))
    })
  }
  return Object.assign(stream, { lend })
}

function lends(faults: LendingFaults): Faults {
  return { pair: (client, server) => [client, lending(server, faults)] }
}

function changing(stream: Duplex): Duplex {
  const push = stream.push.bind(stream)
  stream.push = (chunk: Buffer | null) => push(chunk?.map(byte => byte ^ (byte === 0x2c ? 1 : 0)) ?? null)
  return stream
}

function swapping(stream: Duplex): Duplex {
  const push = stream.push.bind(stream)
  let held: Buffer | undefined
  stream.push = (chunk: Buffer) => {
    const before = held
    held = before === undefined ? chunk : undefined
    return before === undefined || (push(chunk) && push(before))
  }
  return stream
}

function greedy(stream: Duplex, answer: boolean): Duplex {
  const write = stream.write.bind(stream) as (chunk: Buffer) => boolean
  stream.write = ((chunk: Buffer, taken?: () => void) => {
    write(chunk)
    taken?.()
    if (!answer) setImmediate(() => stream.emit('drain'))
    return answer
  }) as Duplex['write']
  return stream
}

function hasty(stream: Duplex): Duplex {
  stream.end = (() => stream.destroy()) as Duplex['end']
  return stream
}

function whole(stream: Duplex): Duplex {
  stream.once('end', () => stream.destroy())
  return stream
}

function immortal(stream: Duplex): Duplex {
  stream.destroy = () => stream
  return stream
}
