import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { EventFeed } from '../../src/api/events/event-feed.ts'
import { EventFeeds } from '../../src/api/events/event-feeds.ts'
import { EventPlace } from '../../src/api/events/event-place.ts'
import { maxEventClients } from '../../src/api/routes/events.ts'
import { connection, event, FakeReports, player, server, stream } from '../support/fake-reports.ts'
import { FakeHouse, tokens } from '../support/fake-house.ts'

const place = new EventPlace(server.since)
const headers = { authorization: `Bearer ${tokens.view}` }

describe('/api/v1/events', () => {
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

  /** Blocks of the stream, without the first one, as they come. */
  async function follow(query = '', more: Record<string, string> = {}) {
    const abort = new AbortController()
    clients.push(abort)
    const answer = await fetch(url + query, { headers: { ...headers, ...more }, signal: abort.signal })
    expect(answer.status).toBe(200)
    const blocks = blocksOf(answer)
    expect((await blocks.next()).value).toMatch(/^retry: 2000\nid: \w+-\d+$/)
    return { answer, blocks, leave: () => abort.abort() }
  }

  it('tells of what happens, as it happens', async () => {
    const { answer, blocks } = await follow()
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const first = event(1, { text: 'line one\nid: 9\n\nline two' })
    house.reports.tell(first)
    const { value } = await blocks.next()
    const [id, type, data, ...rest] = (value ?? '').split('\n')
    expect([id, type, rest]).toEqual([`id: ${place.text(1)}`, 'event: publish.start', []])
    expect(JSON.parse(data?.replace('data: ', '') ?? '')).toEqual(first)
  })

  it('goes on behind Last-Event-ID', async () => {
    house.reports.tell(event(1), event(2), event(3))
    const { blocks } = await follow('', { 'last-event-id': place.text(1) })
    house.reports.tell(event(4))
    for (const id of [2, 3, 4]) expect((await blocks.next()).value).toContain(`id: ${place.text(id)}\n`)
  })

  it('takes a number alone', async () => {
    house.reports.tell(event(1), event(2))
    const { blocks } = await follow('', { 'last-event-id': '0' })
    for (const id of [1, 2]) expect((await blocks.next()).value).toContain(`id: ${place.text(id)}\n`)
  })

  it('says that some are gone', async () => {
    house.reports.tell(...Array.from({ length: 1_005 }, (_, index) => event(index + 1)))
    const { blocks } = await follow('', { 'last-event-id': place.text(3) })
    expect((await blocks.next()).value).toBe('event: missed\ndata: {}')
    expect((await blocks.next()).value).toContain(`id: ${place.text(6)}\n`)
  })

  it('says so too when the server has begun anew, and tells all that has happened since', async () => {
    house.reports.tell(event(1))
    const before = new EventPlace('2026-11-29T00:00:00.000Z')
    const { blocks } = await follow('', { 'last-event-id': before.text(700) })
    expect((await blocks.next()).value).toBe('event: missed\ndata: {}')
    expect((await blocks.next()).value).toContain(`id: ${place.text(1)}\n`)
  })

  it('says so too when this process has taken the place of one that has died, and counts anew', async () => {
    const began = '2026-11-30T02:30:00.000Z'
    house.reports.all.server = { ...server, processes: [{ ...server.processes[0]!, pid: process.pid, since: began }] }
    house.reports.tell(event(1))
    const { blocks } = await follow('', { 'last-event-id': place.text(1) })
    expect((await blocks.next()).value).toBe('event: missed\ndata: {}')
    expect((await blocks.next()).value).toContain(`id: ${new EventPlace(began).text(1)}\n`)
  })

  it.each([
    ['?type=play.start', [2]],
    ['?type=play.start,refusal', [2, 4]],
    ['?type=play.start&type=refusal', [2, 4]],
    ['?stream=live/cam', [1, 2]],
    ['?stream=live%2Fother&type=refusal,play.end', [3]],
    ['', [1, 2, 3, 4]],
  ])('%s picks', async (query, ids) => {
    const { blocks } = await follow(query)
    house.reports.tell(
      event(1),
      event(2, { type: 'play.start' }),
      event(3, { type: 'play.end', stream: 'live/other' }),
      event(4, { type: 'refusal', stream: 'none' }),
    )
    for (const id of ids) expect((await blocks.next()).value).toContain(`id: ${place.text(id)}\n`)
  })

  it('takes the place as a parameter, from who can send no headers; the header is the newer one', async () => {
    house.reports.tell(event(1), event(2), event(3))
    const one = await follow(`?after=${place.text(1)}`)
    for (const id of [2, 3]) expect((await one.blocks.next()).value).toContain(`id: ${place.text(id)}\n`)
    const other = await follow(`?after=${place.text(1)}`, { 'last-event-id': place.text(2) })
    expect((await other.blocks.next()).value).toContain(`id: ${place.text(3)}\n`)
  })

  describe('reports', () => {
    const reported = (block: string | undefined): unknown => {
      expect(block).toMatch(/^event: report\ndata: /)
      return JSON.parse((block ?? '').slice('event: report\ndata: '.length))
    }

    it('come at once, and soon after something has begun or ended', async () => {
      const { blocks } = await follow('?report=60&type=refusal')
      expect(reported((await blocks.next()).value)).toEqual({ server, streams: [stream] })
      house.reports.all.streams = []
      house.reports.tell(event(1, { type: 'publish.end' }))
      expect(reported((await blocks.next()).value)).toEqual({ server, streams: [] })
    })

    it('have the players of a stream, and their connections once', async () => {
      house.reports.all.players = [player, { ...player, id: 'p2', stream: 'live/other' }]
      const { blocks } = await follow('?report=1&players=live/cam')
      const all = { server, streams: [stream], players: [player] }
      expect(reported((await blocks.next()).value)).toEqual({ ...all, connections: [connection] })
      expect(reported((await blocks.next()).value)).toEqual({ ...all, connections: [] })
    })

    it('are not made for who has left', async () => {
      const { blocks, leave } = await follow('?report=1')
      await blocks.next()
      leave()
      await vi.waitFor(() => expect(house.reports.followers).toBe(0))
      const streams = vi.spyOn(house.reports, 'streams')
      const { blocks: others } = await follow('?report=1&stream=none')
      for (let count = 0; count < 3; count++) await others.next()
      expect(streams).toHaveBeenCalledTimes(3)
    })

    it.each(['report=0', 'report=61', 'report=often', 'after=now'])('refuse ?%s', async query => {
      const answer = await fetch(`${url}?${query}`, { headers })
      expect(answer.status).toBe(400)
      expect(await answer.json()).toMatchObject({ field: query.split('=')[0] })
    })
  })

  it('forgets who has left', async () => {
    const { leave } = await follow()
    expect(house.reports.followers).toBe(1)
    leave()
    await vi.waitFor(() => expect(house.reports.followers).toBe(0))
  })

  it('takes so many clients, and no more until one has left', async () => {
    const all = await Promise.all(Array.from({ length: maxEventClients }, () => follow()))
    const refused = await fetch(url, { headers })
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('5')
    expect(await refused.json()).toMatchObject({ title: 'Service Unavailable' })
    expect(house.reports.followers).toBe(maxEventClients)
    all[0]?.leave()
    await vi.waitFor(() => expect(house.reports.followers).toBe(maxEventClients - 1))
    await follow()
  })

  it('ends a client that does not read, and no other', async () => {
    const { blocks } = await follow()
    const [silent] = (await once(get(url, { headers }), 'response')) as [IncomingMessage]
    silent.pause()
    const lost = once(silent, 'error')
    expect(house.reports.followers).toBe(2)
    const large = { text: 'x'.repeat(100_000) }
    for (let id = 1; house.reports.followers === 2; id++) {
      expect(id).toBeLessThan(1_000)
      house.reports.tell(event(id, large))
      // The one that reads keeps up.
      expect((await blocks.next()).value).toContain(`id: ${place.text(id)}\n`)
    }
    silent.resume()
    expect(String(await lost)).toMatch(/aborted/)
    house.reports.tell(event(1_000))
    expect((await blocks.next()).value).toContain(`id: ${place.text(1_000)}\n`)
  })

  it.each(['the host', 'the HTTP server'])('ends with %s', async which => {
    const { blocks } = await follow()
    if (which === 'the host') house.end.abort()
    else await house.app.close()
    // What happens on the way is of no use to who has been told of the end.
    house.reports.tell(event(1))
    expect(await blocks.next()).toEqual({ done: true, value: undefined })
    expect(house.reports.followers).toBe(0)
  })
})

it('nothing is sent behind the end', async () => {
  const feed = new EventFeed(1_000)
  const lost = vi.fn()
  feed.on('error', lost)
  feed.send('one')
  feed.finish()
  feed.finish()
  feed.send('two')
  feed.sendReport('three')
  expect(await text(feed)).toBe('one')
  expect(lost).not.toHaveBeenCalled()
})

it('nobody waits at the end for who does not read', () => {
  const feed = new EventFeed(1_000_000)
  feed.send('x'.repeat(20_000))
  feed.finish()
  expect(feed.destroyed).toBe(true)
})

describe('a quiet line', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
  afterEach(() => void vi.useRealTimers())

  it('shows a sign of life every 15 seconds, while there is somebody', async () => {
    const feeds = new EventFeeds({ clients: 2, buffered: 1_000 })
    const feed = feeds.open(new FakeReports(), place, { types: new Set() })
    vi.advanceTimersByTime(30_000)
    expect(String(feed.read())).toBe(`retry: 2000\nid: ${place.text(0)}\n\n: still here\n\n: still here\n\n`)
    feed.destroy()
    await once(feed, 'close')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('ends after 15 minutes: whoever comes back has to show that it still may', async () => {
    const feed = new EventFeeds({ clients: 1, buffered: 10_000 }).open(new FakeReports(), place, { types: new Set() })
    vi.advanceTimersByTime(899_000)
    expect(feed.resume().readableEnded).toBe(false)
    const ended = Promise.all([once(feed, 'end'), once(feed, 'close')])
    vi.advanceTimersByTime(1_000)
    await ended
    expect(vi.getTimerCount()).toBe(0)
  })
})

/** Parts of the answer between empty lines. */
async function* blocksOf(answer: Response): AsyncGenerator<string, undefined> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const bytes of answer.body ?? []) {
    text += decoder.decode(bytes as Uint8Array, { stream: true })
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      yield text.slice(0, end)
      text = text.slice(end + 2)
    }
  }
  return undefined
}
