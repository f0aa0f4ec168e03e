import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import * as reports from '../support/fake-reports.ts'
import { FakeHouse, tokens } from '../support/fake-house.ts'

let house: FakeHouse
beforeAll(async () => {
  house = await FakeHouse.open()
})
afterAll(() => house[Symbol.asyncDispose]())
beforeEach(() => {
  house.reports.all = new reports.FakeReports().all
})

async function get(url: string) {
  const headers = { authorization: `Bearer ${tokens.view}` }
  const answer = await house.app.inject({ url: `/api/v1${url}`, headers })
  return { status: answer.statusCode, body: answer.json() as unknown, headers: answer.headers }
}

describe('reading', () => {
  it.each([
    ['/server', reports.server],
    ['/configuration', { server: { rtmp: 1935 } }],
    ['/connections/c1', reports.connection],
    ['/streams/live/cam', reports.stream],
    ['/players/p1', reports.player],
    ['/recordings/r1', reports.recording],
    ['/relays/y1', reports.relay],
    ['/refusals/1', reports.refusal],
  ])('GET %s answers all that the report says', async (url, body) => {
    expect(await get(url)).toMatchObject({ status: 200, body, headers: { 'cache-control': 'no-store' } })
    expect((await get(url)).body).toEqual(body)
  })

  it.each([
    ['connections', reports.connection],
    ['streams', reports.stream],
    ['players', reports.player],
    ['recordings', reports.recording],
    ['relays', reports.relay],
    ['refusals', reports.refusal],
  ])('GET /%s lists them', async (name, report) => {
    expect((await get(`/${name}`)).body).toEqual({ items: [report], total: 1 })
  })

  it.each([
    ['/connections/none', 'there is no such connection'],
    ['/streams/live/none', 'there is no such stream'],
    ['/players/', 'there is nothing at /api/v1/players/{id} without an id'],
    ['/refusals/01', 'there is no such refusal'],
  ])('GET %s is a problem', async (url, detail) => {
    const { status, body, headers } = await get(url)
    expect({ status, body }).toEqual({
      status: 404,
      body: { type: 'about:blank', title: 'Not Found', status: 404, detail },
    })
    expect(headers['content-type']).toMatch(/^application\/problem\+json/)
  })

  it('says so where there is no configuration', async () => {
    house.reports.all.configuration = undefined
    expect(await get('/configuration')).toMatchObject({ status: 404, body: { detail: /made by a program/ } })
  })

  it.each([
    ['live/room1', 'cam', '/streams/live/room1/cam'],
    ['live/room1', 'cam', '/streams/live%2Froom1/cam'],
    ['live/room1', 'cam', '/streams/live%2froom1%2fcam'],
    ['live', 'a b+ü%2F;x', `/streams/live/${encodeURIComponent('a b+ü%2F;x')}`],
    ['live', 'x'.repeat(300), `/streams/live/${'x'.repeat(300)}`],
    ['live', '', '/streams/live/'],
    ['live', '__proto__', '/streams/live/__proto__'],
    ['live', '日本', '/streams/live/%E6%97%A5%E6%9C%AC'],
  ])('finds the stream %s %s at %s', async (app, name, url) => {
    house.reports.all.streams = [{ ...reports.stream, id: `${app}/${name}`, app, name }]
    expect(await get(url)).toMatchObject({ status: 200, body: { app, name } })
  })

  it('lets nothing out that the API does not name', async () => {
    house.reports.all.connections = [{ ...reports.connection, streamKey: 'secret' } as typeof reports.connection]
    expect(JSON.stringify((await get('/connections')).body)).not.toContain('secret')
    expect(JSON.stringify((await get('/connections/c1')).body)).not.toContain('secret')
  })
})

describe('lists', () => {
  const many = Array.from({ length: 10_000 }, (_, index) => ({
    ...reports.player,
    id: `p${index}`,
    stream: index % 2 === 0 ? 'live/even' : 'live/odd',
    isSlow: index < 3,
  }))
  beforeEach(() => {
    house.reports.all.players = many
  })
  interface Page {
    readonly items: readonly { id: string | number }[]
    readonly total: number
    readonly next?: string
  }
  const page = async (url: string) => (await get(url)).body as Page

  it('give 10,000 viewers at once to who asks for them, and 1,000 otherwise', async () => {
    expect((await page('/players')).items).toHaveLength(1_000)
    const all = await page('/players?limit=10000')
    expect(all.items).toHaveLength(10_000)
    expect(all.next).toBeUndefined()
  })

  it('come page by page, each once, although others leave between pages', async () => {
    const seen: (string | number)[] = []
    for (let url: string | undefined = '/players?limit=3000'; url !== undefined; ) {
      const { items, next }: Page = await page(url)
      seen.push(...items.map(({ id }) => id))
      // The last of this page has left: the next page begins behind where it was.
      house.reports.all.players = house.reports.all.players.filter(({ id }) => id !== next)
      url = next === undefined ? undefined : `/players?limit=3000&after=${next}`
    }
    expect(new Set(seen).size).toBe(10_000)
    expect(seen).toHaveLength(10_000)
  })

  it('are filtered', async () => {
    expect(await page('/players?stream=live/even&limit=1')).toMatchObject({ total: 5_000 })
    expect((await page('/players?isSlow=true')).items.map(({ id }) => id)).toEqual(['p0', 'p1', 'p2'])
    expect((await page('/players?isSlow=true&stream=live%2Fodd')).items.map(({ id }) => id)).toEqual(['p1'])
    expect(await page('/players?worker=1')).toEqual({ items: [], total: 0 })
    expect(await page('/streams?origin=source')).toEqual({ items: [], total: 0 })
  })

  it('have refusals with the newest first', async () => {
    house.reports.all.refusals = [9, 10, 11].map(id => ({ ...reports.refusal, id }))
    expect((await page('/refusals')).items.map(({ id }) => id)).toEqual([11, 10, 9])
    expect(await page('/refusals?limit=1&after=11')).toMatchObject({ items: [{ id: 10 }], total: 3, next: '10' })
  })

  it.each([
    ['?limit=0', 'limit'],
    ['?limit=10001', 'limit'],
    ['?limit=many', 'limit'],
    ['?isSlow=maybe', 'isSlow'],
    ['?stream=a&stream=b', 'stream'],
    ['?colour=red', 'colour'],
    ['?__proto__=1', '__proto__'],
    [`?after=${'x'.repeat(4_097)}`, 'after'],
  ])('refuse %.40s with the name of what is wrong', async (query, field) => {
    const { status, body } = await get(`/players${query}`)
    expect(status).toBe(400)
    expect(body).toMatchObject({ title: 'Bad Request', field, detail: expect.stringMatching(/^query: /) })
  })
})
