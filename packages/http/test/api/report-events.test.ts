import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EventFeed } from '../../src/api/events/event-feed.ts'
import { LiveReports } from '../../src/report/live-report.ts'
import type { LiveReport } from '../../src/report/live-report.ts'
import { connection, event, FakeReports, player, server, stream } from '../support/fake-reports.ts'
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

  it('come at once, then every so many seconds, without an id', async () => {
    const each = reports('report=1')
    const asked = performance.now()
    expect((await each.next()).value).toEqual({ server, streams: [stream] })
    const begun = performance.now()
    expect(begun - asked).toBeLessThan(900)
    expect((await each.next()).value).toEqual({ server, streams: [stream] })
    expect(performance.now() - begun).toBeGreaterThan(900)
  })

  it('come soon after something has begun or ended', async () => {
    const each = reports('report=60')
    await each.next()
    const begun = performance.now()
    house.reports.all.streams = []
    house.reports.tell(event(1, { type: 'stream.end' }), event(2, { type: 'publish.end' }))
    expect((await each.next()).value).toEqual({ server, streams: [] })
    expect(performance.now() - begun).toBeLessThan(1000)
  })

  it('have the players of one stream, or all, and each connection once', async () => {
    const other = { ...player, id: 'p2', connection: 'c2', stream: 'live/other' }
    house.reports.all.players = [player, other]
    house.reports.all.connections = [connection, { ...connection, id: 'c2' }]
    const one = reports('report=1&players=live/cam')
    expect((await one.next()).value).toMatchObject({ players: [player], connections: [connection] })
    expect((await one.next()).value).toMatchObject({ players: [player], connections: [] })
    const all = reports('report=1&players=*')
    expect((await all.next()).value).toMatchObject({
      players: [player, other],
      connections: [{ id: 'c1' }, { id: 'c2' }],
    })
  })

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

  it('begin with the past for `after=0`', async () => {
    house.reports.tell(event(1), event(2))
    const answer = await ask('after=0')
    let text = ''
    for await (const piece of answer.body as unknown as AsyncIterable<Uint8Array>) {
      text += new TextDecoder().decode(piece)
      if (text.includes('event 2')) break
    }
    expect(text).toContain('event 1')
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
    feed.sendReport('x'.repeat(1_000))
    feed.sendReport('y'.repeat(1_000))
    expect(feed.readableLength).toBe(1_000)
    feed.send('z'.repeat(100))
    expect(feed.destroyed).toBe(false)
    feed.send('z')
    expect(feed.destroyed).toBe(true)
  })
})
