import type { ServerEvent, StreamReport } from '@rtmpipe/http'
import { expect, it } from 'vitest'
import { lanes } from '../src/app/state/publish-times.ts'

const at = (second: number): string => new Date(second * 1000).toISOString()
let id = 0

function event(second: number, type: ServerEvent['type'], more: Partial<ServerEvent> = {}): ServerEvent {
  return { id: id++, at: at(second), type, text: '', stream: 'live/show', ...more }
}

const onAir = { id: 'live/show', isPublishing: true, since: at(50) } as StreamReport

it('a publish that has ended, and one that goes on', () => {
  const events = [event(10, 'publish.start'), event(20, 'publish.end'), event(50, 'publish.start')]
  expect(lanes(events, [onAir], 0)).toEqual([
    { stream: 'live/show', times: [{ from: 10_000, to: 20_000 }, { from: 50_000 }], refusals: [] },
  ])
})

it('one that began before the oldest event', () => {
  expect(lanes([event(20, 'publish.end', { code: 'ECONNRESET' })], [], 0)).toMatchObject([
    { times: [{ from: 0, to: 20_000, code: 'ECONNRESET' }] },
  ])
  expect(lanes([], [onAir], 0)).toMatchObject([{ times: [{ from: 50_000 }] }])
})

it('what was over before is left out, and a lane with nothing in it', () => {
  const events = [event(10, 'publish.start'), event(20, 'publish.end')]
  expect(lanes(events, [], 20_001)).toEqual([])
  expect(lanes(events, [], 19_999)).toHaveLength(1)
})

it('who was not let in to publish, without the key', () => {
  const refusal = { what: 'publish', app: 'live', name: 'show?key=…' } as NonNullable<ServerEvent['refusal']>
  const play = { ...refusal, what: 'play' } as const
  const events = [
    event(5, 'refusal', { stream: undefined as unknown as string, refusal }),
    event(6, 'refusal', { refusal: play }),
  ]
  expect(lanes(events, [], 0)).toEqual([{ stream: 'live/show', times: [], refusals: [5_000] }])
})

it('where something has happened last stands first', () => {
  const events = [
    event(10, 'publish.start', { stream: 'live/a' }),
    event(30, 'publish.start', { stream: 'live/b' }),
    event(40, 'publish.end', { stream: 'live/a' }),
  ]
  const streams = [{ ...onAir, id: 'live/b', since: at(30) }]
  expect(lanes(events, streams, 0).map(({ stream }) => stream)).toEqual(['live/a', 'live/b'])
})
