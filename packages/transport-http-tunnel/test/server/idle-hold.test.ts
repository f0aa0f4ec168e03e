import { expect, it } from 'vitest'
import { clocked, opened } from '../support/bench.ts'
import { IdleHold } from '../../src/server/idle-hold.ts'

it('gets short for a client that waits to send, and long for one that only polls', () => {
  const hold = new IdleHold(10, 250)
  expect(hold.milliseconds).toBe(250)
  const held = (kind: 'send' | 'idle'): number => {
    hold.inVain()
    hold.next(kind)
    return hold.milliseconds
  }
  expect([held('send'), held('send'), held('send')]).toEqual([125, 62.5, 31.25])
  expect([held('send'), held('send'), held('send')]).toEqual([15.625, 0, 0])
  expect([held('idle'), held('idle'), held('idle')]).toEqual([10, 12.5, 15.625])
  // What comes after an answer with data tells nothing.
  hold.next('send')
  hold.next('idle')
  expect(hold.milliseconds).toBe(15.625)
  for (let count = 0; count < 20; count++) held('idle')
  expect(hold.milliseconds).toBe(250)
})

it('a poll waits for the merge window, unless something else waits for it', async () => {
  const bench = await clocked({ mergeWindow: 20 })
  const { client, id, stream } = await opened(bench)
  stream.write('one')
  expect((await client.post(`/idle/${id}/0`)).body.toString('latin1')).toBe('\x01one')
  const second = client.post(`/idle/${id}/1`)
  await bench.arrived()
  for (const word of ['two', 'three']) {
    stream.write(word)
    await bench.arrived()
  }
  expect(client.unread).toBe(0)
  bench.pass(29)
  await bench.arrived()
  expect(client.unread).toBe(0)
  bench.pass(1)
  expect((await second).body.toString('latin1')).toBe('\x01twothree')
  stream.write('four')
  const third = client.post(`/idle/${id}/2`)
  const other = await bench.raw()
  expect((await other.post(`/send/${id}/3`, 'x')).status).toBe(200)
  expect((await third).body.toString('latin1')).toBe('\x01four')
})
