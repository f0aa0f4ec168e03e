import { describe, expect, it } from 'vitest'
import { AnswerPace } from '../../src/server/answer-pace.ts'
import { clocked, opened, turns } from '../support/bench.ts'

interface Kind {
  readonly perSecond: number
  readonly length: number
}

/** Plays for some seconds to a client that polls at once: how often, and how long each kind of message waited. */
function play(kinds: readonly Kind[], seconds: number): { requests: number; waits: number[][] } {
  const pace = new AnswerPace()
  const waits: number[][] = kinds.map(() => [])
  const pending: { readonly kind: number; readonly at: number; readonly length: number }[] = []
  let requests = 0
  for (let now = 0; now < seconds * 1_000; now++) {
    for (const [kind, { perSecond, length }] of kinds.entries()) {
      const due =
        Math.floor(((now + 1 + kind * 7) * perSecond) / 1_000) - Math.floor(((now + kind * 7) * perSecond) / 1_000)
      if (due > 0) pending.push({ kind, at: now, length })
    }
    const length = pending.reduce((sum, message) => sum + message.length, 0)
    if (length === 0 || pace.wait(length, now) > 0) continue
    pace.spend(now)
    requests += 1
    for (const { kind, at } of pending.splice(0)) waits[kind]?.push(now - at)
  }
  return { requests, waits }
}

const quantile = (numbers: number[] | undefined, part: number): number =>
  numbers?.toSorted((a, b) => a - b)[Math.floor(numbers.length * part)] ?? Number.NaN

const audio: Kind = { perSecond: 46.9, length: 370 }

describe('AnswerPace', () => {
  it.each([
    { name: '25 pictures a second', perSecond: 25, length: 4_800 },
    { name: '30 pictures a second', perSecond: 30, length: 4_800 },
    { name: 'large pictures', perSecond: 25, length: 60_000 },
  ])('needs at most 50 requests a second for audio and $name, which never wait', video => {
    const { requests, waits } = play([video, audio], 20)
    expect(requests).toBeLessThanOrEqual(50 * 20)
    expect(Math.max(...(waits[0] ?? []))).toBe(0)
    expect(Math.max(...(waits[1] ?? []))).toBeLessThanOrEqual(40)
  })

  it('lets pictures wait as well when there are more than 50 of them', () => {
    const { requests, waits } = play([{ perSecond: 60, length: 2_400 }, audio], 20)
    // What it has saved up and may overdraw comes on top.
    expect(requests).toBeLessThanOrEqual(50 * 20 + 10)
    expect(quantile(waits[0], 0.99)).toBeLessThanOrEqual(21)
  })

  it('holds nothing back that comes less often', () => {
    const { requests, waits } = play([audio], 20)
    expect(requests).toBe(Math.floor(46.9 * 20))
    expect(Math.max(...(waits[0] ?? []))).toBe(0)
  })

  it('holds no backlog back', () => {
    const pace = new AnswerPace()
    for (let answer = 0; answer < 100; answer++) pace.spend(0)
    expect(pace.wait(64 * 1_024, 0)).toBe(0)
    expect(pace.wait(100, 0)).toBeGreaterThan(200)
  })
})

describe('a session that is fed often', () => {
  it('keeps small messages for the next large one, or until their time comes', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    let sequence = 0
    const poll = (): void => client.send(`/idle/${id}/${sequence++}`)
    for (let message = 0; message < 9; message++) {
      poll()
      stream.write('audio')
      expect((await client.receive()).body.toString('latin1')).toBe('\x01audio')
    }
    let answered = false
    poll()
    stream.write('held')
    const together = client.receive().then(reply => {
      answered = true
      return reply
    })
    await turns()
    expect(answered).toBe(false)
    stream.write(Buffer.alloc(2_000, 'v'))
    expect((await together).body.length).toBe(1 + 4 + 2_000)

    poll()
    stream.write('late')
    const late = client.receive()
    bench.pass(100)
    expect((await late).body.toString('latin1')).toBe('\x01late')
  })

  it('does not hold up a client that sends', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    const other = await bench.raw()
    let sequence = 0
    for (let message = 0; message < 10; message++) {
      client.send(`/idle/${id}/${sequence++}`)
      stream.write('audio')
      if (message < 9) await client.receive()
    }
    other.send(`/send/${id}/${sequence++}`, 'x')
    expect((await client.receive()).body.toString('latin1')).toBe('\x01audio')
  })
})
