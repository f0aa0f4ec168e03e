import { MemoryFabric, MemoryHub } from '@rtmpipe/cluster'
import { expect, it } from 'vitest'

const hub = new MemoryHub()

function ask(fabric: MemoryFabric, name: string, question: string): Promise<string | undefined> {
  return new Promise(resolve => fabric.exchange.ask(name, Buffer.from(question), answer => resolve(answer?.toString())))
}

it('brings questions to whoever has a name, and the answers back', async () => {
  await using here = new MemoryFabric(hub)
  const there = new MemoryFabric(hub)
  const end = there.exchange.serve('a', (question, answer) => answer(Buffer.from(`${question.toString()}!`)))
  there.exchange.serve('b', (_, answer) => answer(Buffer.from('b')))
  expect(await ask(here, 'a', 'who')).toBe('who!')
  expect(await ask(there, 'b', '')).toBe('b')
  end()
  expect(await ask(here, 'a', 'who')).toBe(undefined)
  await there[Symbol.asyncDispose]()
  expect(await ask(here, 'b', 'who')).toBe(undefined)
})

it('tells nothing to who has stopped waiting', async () => {
  await using fabric = new MemoryFabric(hub)
  fabric.exchange.serve('a', (question, answer) => answer(question))
  let isTold = false
  fabric.exchange.ask('a', Buffer.from('x'), () => (isTold = true))()
  expect(await ask(fabric, 'a', 'y')).toBe('y')
  expect(isTold).toBe(false)
})
