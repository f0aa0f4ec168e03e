import type { ProcessReport, ServerReport } from '@rtmpipe/http'
import { expect, it } from 'vitest'
import { ServerNumbers } from '../src/app/state/server-numbers.ts'

const process = { cpu: 0.25, rss: 1_000, eventLoopDelay: 3 } as ProcessReport

function report(received: number, sent: number): ServerReport {
  const traffic = [
    { transport: 'rtmp', accepted: 1, received, sent: 0 },
    { transport: 'rtmps', accepted: 1, received: 0, sent },
  ]
  const processes = [process, { ...process, eventLoopDelay: 7 }]
  return { streams: 4, players: 5, processes, traffic } as unknown as ServerReport
}

it('sums up processes, and takes the latest event loop', () => {
  expect(new ServerNumbers().of(report(0, 0), 0)).toEqual({
    streams: 4,
    players: 5,
    cpu: 0.5,
    memory: 2_000,
    loopDelay: 7,
  })
})

it('tells bits per second of what came and went, and nothing below 0 of a server that has begun anew', () => {
  const numbers = new ServerNumbers()
  numbers.of(report(1_000, 2_000), 5_000)
  expect(numbers.of(report(3_000, 12_000), 7_000)).toMatchObject({ incoming: 8_000, outgoing: 40_000 })
  expect(numbers.of(report(10, 10), 9_000)).toMatchObject({ incoming: 0, outgoing: 0 })
})
