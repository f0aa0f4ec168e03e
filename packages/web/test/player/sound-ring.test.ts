import { describe, expect, test } from 'vitest'
import { Jitter } from '../../src/browser/player/jitter.ts'
import { SoundRing } from '../../src/browser/player/sound-ring.ts'

const rate = 48_000
/** Samples of what a browser asks for at a time, and of 10 ms. */
const [quantum, block] = [128, 480]
const quantumTime = (quantum / rate) * 1000

/** A ring with its clock; each block is of 10 ms, and its samples tell its number. */
class Played {
  readonly ring = new SoundRing(rate)
  readonly output: number[] = []
  now = 0
  #next = 0

  push(count = 1): void {
    for (let left = count; left > 0; left -= 1, this.#next += 1) {
      const plane = new Float32Array(block).fill((this.#next % 100) + 1)
      this.ring.push({ planes: [plane], time: this.#next * 10 }, this.now)
    }
  }

  /** Plays for so long while blocks come as they should, from the next on. */
  play(milliseconds: number, feed = true): void {
    const [began, first] = [this.now, this.#next]
    for (const end = began + milliseconds; this.now < end; this.now += quantumTime) {
      while (feed && this.#next - first < (this.now - began) / 10) this.push()
      const plane = new Float32Array(quantum)
      this.ring.pull([plane], this.now)
      this.output.push(...plane)
    }
  }
}

describe('the ring', () => {
  test('begins with the newest 40 ms of what comes at once, when the burst is over', () => {
    const played = new Played()
    played.push(200)
    played.play(4, false)
    expect(played.ring.plays).toBe(false)
    expect(played.output.every(each => each === 0)).toBe(true)
    played.play(4, false)
    expect(played.ring.plays).toBe(true)
    expect(played.ring.level).toBeGreaterThan(30)
    expect(played.ring.level).toBeLessThanOrEqual(40)
    expect(played.ring.position).toBeGreaterThanOrEqual(1_960)
    expect(played.ring.position).toBeLessThan(1_970)
  })

  test('begins with sound that comes all the time in small parts', () => {
    const ring = new SoundRing(rate)
    const plane = new Float32Array(quantum)
    for (let now = 0; now < 300; now += quantumTime) {
      ring.push({ planes: [new Float32Array(quantum)], time: now }, now)
      ring.pull([plane], now)
    }
    expect(ring.plays).toBe(true)
  })

  test('plays what was given, without a hole', () => {
    const played = new Played()
    played.push(3)
    played.play(300)
    const begin = played.output.findIndex(each => each !== 0)
    const heard = new Set(played.output.slice(begin + 64).map(Math.round))
    // Cuts mix neighbours, and leave none out that can be heard.
    expect(heard.has(0)).toBe(false)
    expect(played.ring.gaps).toBe(0)
  })

  test('cuts at once what half a second never needed, down to the margin, and fades from one to the other', () => {
    const played = new Played()
    played.push(4)
    played.play(2_000)
    played.push(20)
    expect(played.ring.level).toBeGreaterThan(200)
    const before = played.output.length
    played.play(1_100)
    expect(played.ring.level).toBeLessThan(30)
    expect(played.ring.gaps).toBe(0)
    const steps = played.output.slice(before).map((each, place, all) => Math.abs(each - (all[place - 1] ?? each)))
    // 20 blocks lie between the two ends of the cut.
    expect(Math.max(...steps)).toBeLessThan(2)
  })

  test('is silent in a gap, and goes on with 10 ms more', () => {
    const played = new Played()
    played.push(4)
    played.play(2_000)
    played.play(200, false)
    expect(played.ring.plays).toBe(false)
    expect(played.ring.gaps).toBe(1)
    expect(played.output.slice(-quantum).every(each => each === 0)).toBe(true)
    played.push()
    played.play(8, false)
    expect(played.ring.plays).toBe(false)
    played.push()
    played.play(8, false)
    expect(played.ring.plays).toBe(true)
  })

  test('holds two seconds at most', () => {
    const played = new Played()
    played.push(4)
    played.play(20)
    played.push(1_000)
    expect(played.ring.level).toBeLessThanOrEqual(2_000)
  })

  test('forgets what waits when another stream begins', () => {
    const played = new Played()
    played.push(4)
    played.play(10, false)
    played.ring.clear()
    expect(played.ring.level).toBeLessThan(1)
  })

  test('one channel sounds from two loudspeakers', () => {
    const ring = new SoundRing(rate)
    ring.push({ planes: [new Float32Array(4_800).fill(0.5)], time: 0 }, 0)
    const output = [new Float32Array(quantum), new Float32Array(quantum)]
    ring.pull(output, 10)
    ring.pull(output, 13)
    expect(output.map(plane => plane[100])).toEqual([0.5, 0.5])
  })
})

describe('the margin', () => {
  test('grows by 10 ms with each gap, and ten calm seconds take them off again', () => {
    const jitter = new Jitter()
    jitter.start(0)
    expect(jitter.margin).toBe(10)
    jitter.gap()
    jitter.gap()
    expect(jitter.margin).toBe(30)
    jitter.start(100)
    for (let now = 100; now < 10_050; now += 50) jitter.observe(30, now)
    expect(jitter.margin).toBe(30)
    jitter.observe(30, 10_100)
    expect(jitter.margin).toBe(20)
    jitter.observe(30, 20_100)
    jitter.observe(30, 30_100)
    expect(jitter.margin).toBe(10)
  })

  test('what was needed once in half a second stays', () => {
    const jitter = new Jitter()
    jitter.start(0)
    jitter.observe(100, 2_000)
    for (let now = 2_010; now < 2_490; now += 10) expect(jitter.observe(now === 2_200 ? 40 : 150, now)).toBe(0)
    expect(jitter.observe(150, 2_500)).toBe(30)
  })

  test('has an end', () => {
    const jitter = new Jitter()
    for (let gaps = 0; gaps < 1_000; gaps += 1) jitter.gap()
    expect(jitter.margin).toBe(400)
  })
})
