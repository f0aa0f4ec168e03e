import { expect, it } from 'vitest'
import { putInto, SentFragment, type SentPacket } from '../../src/flow/sent-fragment.ts'
import { LossDetection } from '../../src/session/loss.ts'

/** Packets of one fragment each, sent at these times, on a line of 100 ms there and back. */
function sent(times: readonly number[]) {
  const loss = new LossDetection()
  const lost: number[] = []
  const owner = { lost() {} }
  const take = (fragment: SentFragment) => {
    lost.push(fragment.sequence)
    fragment.lostSentAt = fragment.packet?.sentAt
    fragment.packet = undefined
  }
  const fragments = times.map((time, index) => {
    const fragment = new SentFragment(owner, index + 1, undefined, 0, 0)
    put(fragment, time)
    return fragment
  })
  function put(fragment: SentFragment, time: number): void {
    const packet: SentPacket = loss.begin(time)
    putInto(packet, fragment)
    loss.sent(packet)
  }
  const acknowledge = (sequence: number, now: number) => {
    const fragment = fragments[sequence - 1] as SentFragment
    loss.acknowledged(fragment, now, 100)
    fragment.packet = undefined
    loss.detect(now, 100, take)
  }
  return { loss, lost, take, fragments, put, acknowledge }
}

it('what was overtaken is lost when it is late by a quarter of the round trip, not before', () => {
  const { loss, lost, take, acknowledge } = sent([0, 10, 20, 30, 40])
  acknowledge(1, 100)
  // Three behind it have come.
  for (const sequence of [3, 4, 5]) acknowledge(sequence, 90 + sequence * 10)
  expect(lost).toEqual([2])
  const early = sent([0, 1, 2, 3, 4])
  for (const sequence of [2, 3, 4, 5]) early.acknowledge(sequence, 99 + sequence)
  expect(early.lost).toEqual([])
  expect(early.loss.deadline).toBe(100 + 25)
  expect(early.loss.detect(124.9, 100, early.take)).toBe(0)
  expect(early.loss.detect(125, 100, early.take)).toBe(1)
  expect(early.lost).toEqual([1])
  expect(loss.detect(1_000, 100, take)).toBe(0)
})

it('what nothing behind it has come of is not lost but by a timeout', () => {
  const { loss, lost, take } = sent([0, 10])
  expect(loss.detect(100_000, 100, take)).toBe(0)
  expect(loss.all(take)).toBe(true)
  expect(lost).toEqual([1, 2])
  expect(loss.all(take)).toBe(false)
})

it('waits longer once something has come that it had taken for lost', () => {
  const { loss, lost, take, fragments, put, acknowledge } = sent([0, 1, 200, 201, 400, 401])
  acknowledge(2, 101)
  loss.detect(125, 100, take)
  expect(lost).toEqual([1])
  // It comes 60 ms late, before what was sent again can have.
  put(fragments[0] as SentFragment, 125)
  acknowledge(1, 160)
  acknowledge(4, 301)
  loss.detect(374, 100, take)
  expect(lost).toEqual([1])
  loss.detect(375, 100, take)
  expect(lost).toEqual([1, 3])
  // After half a minute in order it is as quick as before.
  put(fragments[4] as SentFragment, 40_000)
  put(fragments[5] as SentFragment, 40_001)
  acknowledge(6, 40_101)
  loss.detect(40_125, 100, take)
  expect(lost).toEqual([1, 3, 5])
})
