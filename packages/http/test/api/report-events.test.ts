import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EventFeed } from '../../src/api/events/event-feed.ts'
import { LiveReports } from '../../src/report/live-report.ts'
import type { LiveReport } from '../../src/report/live-report.ts'
import { connection, FakeReports, player } from '../support/fake-reports.ts'
import { FakeHouse, tokens } from '../support/fake-house.ts'

describe('events named report', () => {
  let house: FakeHouse
  let url: string
  const clients: AbortController[] = []
  beforeEach(async () => {
    house = await FakeHouse.open()
    url = `${await house.listen()}/api/v1/events`
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) client.abort()
    await house[Symbol.asyncDispose]()
  })

  async function ask(query: string): Promise<Response> {
    const abort = new AbortController()
    clients.push(abort)
    return await fetch(`${url}?${query}`, { headers: { authorization: `Bearer ${tokens.view}` }, signal: abort.signal })
  }

  /** The reports of the stream, as they come. */
  async function* reports(query: string): AsyncGenerator<LiveReport> {
    const answer = await ask(query)
    expect(answer.status).toBe(200)
    let text = ''
    for await (const piece of answer.body as unknown as AsyncIterable<Uint8Array>) {
      text += new TextDecoder().decode(piece)
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const [, data] = /^event: report\ndata: (.*)$/.exec(block) ?? []
        if (data !== undefined) yield JSON.parse(data) as LiveReport
      }
    }
  }

  it('are refused for other intervals than 1 to 60 seconds', async () => {
    for (const report of ['0', '61', '1.5', 'x', '-1']) expect((await ask(`report=${report}`)).status, report).toBe(400)
  })

  it('end with the client', async () => {
    const each = reports('report=1&after=0')
    await each.next()
    expect(house.reports.followers).toBe(1)
    clients[0]?.abort()
    await expect.poll(() => house.reports.followers).toBe(0)
  })
})

describe('LiveReports', () => {
  it('tells of a connection again when it had left', async () => {
    const fake = new FakeReports()
    const reports = new LiveReports(fake, 'live/cam')
    expect((await reports.next()).connections).toEqual([connection])
    fake.all.players = []
    fake.all.streams = []
    expect((await reports.next()).connections).toEqual([])
    fake.all.players = [player]
    expect((await reports.next()).connections).toEqual([connection])
  })
})

describe('a feed', () => {
  it('takes a report of any length, but none while another waits', () => {
    const feed = new EventFeed(100)
    feed.sendReport('x'.repeat(20_000))
    feed.sendReport('y'.repeat(20_000))
    expect(feed.readableLength).toBe(20_000)
    feed.send('z'.repeat(100))
    expect(feed.destroyed).toBe(false)
    feed.send('z')
    expect(feed.destroyed).toBe(true)
  })
})
