import type { WorkerLine } from '@rtmpipe/cluster'
import { describe, expect, it } from 'vitest'
import { Colleagues } from '../../../src/serve/workers/colleagues.ts'
import type { ColleagueMessage } from '../../../src/serve/workers/messages.ts'
import { Switchboard } from '../../../src/serve/workers/switchboard.ts'

type Line = WorkerLine<ColleagueMessage, ColleagueMessage>

/** The two ends of a line between a worker and the primary. */
function linePair(): [Line, Line] {
  const takers: ((message: ColleagueMessage) => void)[] = []
  const end = (own: number, other: number): Line => ({
    send: message => queueMicrotask(() => takers[other]?.(JSON.parse(JSON.stringify(message)) as ColleagueMessage)),
    onMessage: take => void (takers[own] = take),
  })
  return [end(0, 1), end(1, 0)]
}

function office(patience?: number) {
  const switchboard = new Switchboard(async (topic, question) => [topic, question], patience)
  const hire = (slot: number): { colleagues: Colleagues; line: Line } => {
    const [here, there] = linePair()
    switchboard.add(there, slot)
    return { colleagues: new Colleagues(here), line: there }
  }
  return { switchboard, hire }
}

describe('workers that ask each other', () => {
  it('are answered by all others', async () => {
    const { hire } = office()
    const [first, one, two] = [hire(0), hire(1), hire(2)]
    for (const [name, { colleagues }] of Object.entries({ one, two }))
      colleagues.answer('name', async question => ({ name, question }))
    expect(await first.colleagues.ask('name', 7)).toEqual([
      { name: 'one', question: 7 },
      { name: 'two', question: 7 },
    ])
    expect(await two.colleagues.ask('name', 8)).toEqual([{ name: 'one', question: 8 }])
  })

  it('are answered by nobody when they are alone, and by the primary', async () => {
    const { hire } = office()
    const { colleagues } = hire(0)
    expect(await colleagues.ask('name', 1)).toEqual([])
    expect(await colleagues.ask('reload', { a: 1 }, 'primary')).toEqual([['reload', { a: 1 }]])
  })

  it('do without those that fail, know nothing of it, die, or take too long', async () => {
    const { hire, switchboard } = office(50)
    const [first, failing, silent, dying] = [hire(0), hire(1), hire(2), hire(3)]
    hire(4)
    failing.colleagues.answer('name', () => Promise.reject(new Error('no')))
    silent.colleagues.answer('name', () => new Promise(() => {}))
    dying.colleagues.answer('name', async () => {
      switchboard.remove(dying.line)
      return 'too late'
    })
    expect(await first.colleagues.ask('name', 1)).toEqual([])
  })

  it('wait no longer for one that has died', async () => {
    const { hire, switchboard } = office(60_000)
    const [first, dying] = [hire(0), hire(1)]
    const lost: unknown[] = []
    first.colleagues.listen('lost', worker => lost.push(worker))
    dying.colleagues.answer('name', () => new Promise(() => {}))
    const asked = first.colleagues.ask('name', 1)
    switchboard.remove(dying.line)
    expect(await asked).toEqual([])
    expect(lost).toEqual([1])
  })

  it('tell the first one what is new', async () => {
    const { hire } = office()
    const [first, one, two] = [hire(0), hire(1), hire(2)]
    const told = new Promise(resolve => first.colleagues.listen('events', resolve))
    two.colleagues.listen('events', () => expect.unreachable())
    one.colleagues.tell('events', [1, 2])
    expect(await told).toEqual([1, 2])
  })
})
