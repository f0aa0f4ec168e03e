import { describe, expect, it } from 'vitest'
import { Outbox } from '../../src/nats/outbox.ts'

const quarter = 256 * 1024

function outbox(): { outbox: Outbox; sent: Buffer[] } {
  const sent: Buffer[] = []
  return { outbox: new Outbox(bytes => sent.push(bytes)), sent }
}

function publish(outbox: Outbox, length: number, value = 0): ArrayBufferLike {
  const memory = outbox.reserve('a.b', length).fill(value)
  expect(outbox.take('a.b', memory)).toBe(true)
  return memory.buffer
}

/** One piece for each turn. */
function turn(outbox: Outbox, ...lengths: number[]): ArrayBufferLike[] {
  const used = lengths.map(length => publish(outbox, length))
  outbox.flush()
  return used
}

describe('an outbox', () => {
  it.each([0, 1, 9, 10, 99, 100, 65_535, 262_144])('writes the command around %i bytes', length => {
    const { outbox: box, sent } = outbox()
    publish(box, length, 7)
    box.flush()
    expect(Buffer.concat(sent).equals(Buffer.from(`PUB a.b ${length}\r\n${'\x07'.repeat(length)}\r\n`))).toBe(true)
  })

  it('sends what was taken in a turn in one piece, at its end', async () => {
    const { outbox: box, sent } = outbox()
    for (const value of [65, 66]) publish(box, 2, value)
    expect(sent).toEqual([])
    await Promise.resolve()
    expect(String(sent)).toBe('PUB a.b 2\r\nAA\r\nPUB a.b 2\r\nBB\r\n')
    publish(box, 1, 67)
    await Promise.resolve()
    expect(String(sent[1])).toBe('PUB a.b 1\r\nC\r\n')
  })

  it('sends it once, however often it is asked to', async () => {
    const { outbox: box, sent } = outbox()
    publish(box, 1, 65)
    box.flush()
    box.flush()
    await Promise.resolve()
    expect(sent.length).toBe(1)
  })

  it('takes what was reserved last, and once', async () => {
    const { outbox: box, sent } = outbox()
    const before = box.reserve('a.b', 1)
    const last = box.reserve('a.b', 1).fill(66)
    expect([Buffer.from('x'), before, last, last].map(payload => box.take('a.b', payload))).toEqual([
      false,
      false,
      true,
      false,
    ])
    await Promise.resolve()
    expect(String(sent)).toBe('PUB a.b 1\r\nB\r\n')
  })

  it('sends nothing of what was reserved and not taken', async () => {
    const { outbox: box, sent } = outbox()
    box.reserve('a.b', 100)
    await Promise.resolve()
    box.flush()
    expect(sent).toEqual([])
  })

  it.each(['a b', 'a.\r\nPUB', 'a.\u010d\u010aPUB', 'a.\u0120b', 'a.\u007f', 'a.\u00e9'])(
    'leaves %j to the library',
    subject => {
      const { outbox: box, sent } = outbox()
      publish(box, 1)
      box.flush()
      expect(box.take(subject, box.reserve(subject, 3))).toBe(false)
      box.flush()
      expect(sent.length).toBe(1)
      publish(box, 1)
      box.flush()
      expect(sent[1]).toEqual(sent[0])
    },
  )

  it('takes little memory for little', () => {
    const { outbox: box } = outbox()
    expect(publish(box, 100).byteLength).toBeLessThan(64 * 1024)
    for (let count = 0; count < 12; count += 1) turn(box, quarter)
    expect(publish(box, 100).byteLength).toBeGreaterThan(4 * quarter)
  })
})

describe('the memory of an outbox', () => {
  it('is for the subject that it was reserved for', () => {
    const { outbox: box } = outbox()
    expect(() => box.take('a.c', box.reserve('a.b', 1))).toThrow('memory for a.b is published on a.c')
  })

  it.each([1_052_672, 5_000_000])('is not of it for %i bytes', length => {
    const { outbox: box, sent } = outbox()
    const memory = box.reserve('a.b', length)
    expect(memory.length).toBe(length)
    expect(box.take('a.b', memory)).toBe(false)
    box.flush()
    expect(sent).toEqual([])
  })

  it('holds four of the longest frames', () => {
    const { outbox: box } = outbox()
    for (let count = 0; count < 4; count += 1) turn(box, quarter)
    expect(new Set(Array.from({ length: 4 }, () => publish(box, quarter))).size).toBe(1)
  })

  it.each([0.05, 0.26, 0.34, 0.41, 0.5, 0.6, 0.8])(
    'is at most twice of what is in it, by turns of %d MB',
    megabytes => {
      const { outbox: box } = outbox()
      const parts = Array.from({ length: 5 }, () => Math.round((megabytes * 1024 * 1024) / 5))
      const used = new Set<ArrayBufferLike>()
      let bytes = 0
      while (bytes < 24 * 1024 * 1024) {
        for (const buffer of turn(box, ...parts)) used.add(buffer)
        bytes += 5 * (parts[0] as number)
      }
      expect([...used].reduce((sum, { byteLength }) => sum + byteLength, 0)).toBeLessThan(2.1 * bytes)
    },
  )

  it('stays the same while nothing of it is taken', () => {
    const { outbox: box } = outbox()
    for (let count = 0; count < 3; count += 1) turn(box, quarter, quarter, quarter)
    const used = new Set(Array.from({ length: 200 }, () => box.reserve('a.b', 24).buffer))
    expect(used.size).toBe(1)
  })

  it('is written into again when it has been given back, not before', () => {
    const { outbox: box } = outbox()
    const used = new Set(Array.from({ length: 12 }, () => turn(box, quarter)).flat())
    const filled = box.filled()
    expect(filled.length).toBeGreaterThan(2)
    const other = new Set(Array.from({ length: 6 }, () => turn(box, quarter)).flat())
    const [current] = [...used].slice(-1)
    expect([...other].filter(buffer => buffer !== current && used.has(buffer))).toEqual([])
    box.giveBack(filled)
    const next = Array.from({ length: 6 }, () => turn(box, quarter)).flat()
    expect(next.some(buffer => filled.some(slab => slab.buffer === buffer))).toBe(true)
  })

  // Else an answer for what was sent before would give back what has only just been sent.
  it('that was asked for stays the same, whatever is filled afterwards', () => {
    const { outbox: box } = outbox()
    turn(box, 1)
    const filled = box.filled()
    for (let count = 0; count < 12; count += 1) turn(box, quarter)
    expect(filled).toEqual([])
  })

  it('holds a whole turn, where there is room: what is sent in pieces is copied by the library', () => {
    const { outbox: box, sent } = outbox()
    for (let count = 0; count < 12; count += 1) turn(box, quarter)
    sent.length = 0
    for (let count = 0; count < 20; count += 1) turn(box, quarter / 2, quarter / 2, quarter / 4)
    expect(sent.length).toBe(20)
  })

  it('is sent before other memory is taken in the middle of a turn', () => {
    const { outbox: box, sent } = outbox()
    for (let count = 0; count < 9; count += 1) publish(box, quarter, count)
    box.flush()
    const payload = (value: number) =>
      Buffer.concat([Buffer.from(`PUB a.b ${quarter}\r\n`), Buffer.alloc(quarter, value), Buffer.from('\r\n')])
    expect(sent.length).toBeGreaterThan(1)
    expect(Buffer.concat(sent).equals(Buffer.concat(Array.from({ length: 9 }, (_, value) => payload(value))))).toBe(
      true,
    )
  })
})
