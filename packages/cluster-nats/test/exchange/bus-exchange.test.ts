import { expect, it } from 'vitest'
import { BusExchange } from '../../src/exchange/bus-exchange.ts'
import { MemoryNetwork } from '../../src/memory/memory-network.ts'

const network = new MemoryNetwork()
const [near, far, other] = [network.node('near'), network.node('far'), network.node('other')]
const [here, there] = [new BusExchange(near.carrier.control), new BusExchange(far.carrier.control)]

function ask(exchange: BusExchange, name: string, question: string): Promise<string | undefined> {
  const answer = new Promise<string | undefined>(resolve =>
    exchange.ask(name, Buffer.from(question), bytes => resolve(bytes?.toString())),
  )
  return network.settle(answer)
}

it('brings questions to whoever has a name, and the answers back', async () => {
  const end = there.serve('a', (question, answer) => answer(Buffer.from(`${question.toString()}!`)))
  await network.run(1_000)
  expect(await ask(here, 'b', 'who')).toBe(undefined)
  expect(await ask(here, 'a', 'who')).toBe('who!')
  end()
  expect(await ask(here, 'a', 'who')).toBe(undefined)
})

it('asks nobody for what is no name', async () => {
  const asked: string[] = []
  const end = far.carrier.control.subscribe('rt1.n.>', ({ subject }) => asked.push(subject))
  await network.run(1_000)
  const answers = ['a.b', '*', '>', ''].map(name => new Promise(resolve => here.ask(name, Buffer.alloc(0), resolve)))
  expect(await Promise.all(answers)).toEqual(Array(4).fill(undefined))
  await network.run(1_000)
  expect(asked).toEqual([])
  end()
})

it('takes nothing whose answer is for nobody, and is silent when it is closed', async () => {
  const taken: string[] = []
  there.serve('c', (question, answer) => {
    taken.push(question.toString())
    answer(question)
  })
  await network.run(1_000)
  other.carrier.control.publish('rt1.n.c.q', Buffer.from('no reply'))
  expect(await ask(here, 'c', 'asked')).toBe('asked')
  expect(taken).toEqual(['asked'])
  there.close()
  expect(await ask(here, 'c', 'asked')).toBe(undefined)
})
