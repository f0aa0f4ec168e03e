import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Act, Outcome } from '../../src/report/reports.ts'
import { FakeHouse, tokens } from '../support/fake-house.ts'

let house: FakeHouse
beforeAll(async () => {
  house = await FakeHouse.open()
})
afterAll(() => house[Symbol.asyncDispose]())
beforeEach(() => {
  house.reports.acts.length = 0
  house.reports.outcome = { ok: true }
})

type Method = 'POST' | 'PATCH' | 'DELETE'

async function ask(method: Method, url: string, body?: object, token: string = tokens.operate) {
  const headers = { authorization: `Bearer ${token}` }
  return house.app.inject({ method, url: `/api/v1${url}`, headers, ...(body !== undefined && { payload: body }) })
}

const status = { code: 'NetStream.Publish.Denied', description: 'enough' }
const url = 'rtmp://far.example/live/name?key=1'

const all: readonly [Method, string, object | undefined, number, Act][] = [
  ['DELETE', '/connections/c1', undefined, 204, { act: 'end connection', id: 'c1' }],
  ['DELETE', '/connections/c1', status, 204, { act: 'end connection', id: 'c1', status }],
  ['DELETE', '/streams/live/cam', undefined, 204, { act: 'end stream', id: 'live/cam' }],
  ['DELETE', '/streams/live%2Froom/cam', status, 204, { act: 'end stream', id: 'live/room/cam', status }],
  ['DELETE', '/players/p1', undefined, 204, { act: 'end player', id: 'p1' }],
  ['DELETE', '/players/p1', status, 204, { act: 'end player', id: 'p1', status }],
  [
    'DELETE',
    '/players/p1',
    { description: 'bye' },
    204,
    { act: 'end player', id: 'p1', status: { code: 'NetStream.Play.Stop', description: 'bye' } },
  ],
  [
    'DELETE',
    '/streams/live/cam',
    { code: 'App.Enough' },
    204,
    {
      act: 'end stream',
      id: 'live/cam',
      status: { code: 'App.Enough', description: 'ended by the operator of the server' },
    },
  ],
  ['POST', '/recordings', { stream: 'live/cam' }, 201, { act: 'start recording', stream: 'live/cam' }],
  ['DELETE', '/recordings/r1', undefined, 204, { act: 'end recording', id: 'r1' }],
  ['POST', '/relays', { stream: 'live/cam', url }, 201, { act: 'start relay', stream: 'live/cam', url }],
  ['PATCH', '/relays/y1', { url }, 204, { act: 'change relay', id: 'y1', url }],
  ['DELETE', '/relays/y1', undefined, 204, { act: 'end relay', id: 'y1' }],
  ['POST', '/reload', undefined, 204, { act: 'reload' }],
  ['POST', '/drain', undefined, 202, { act: 'drain' }],
  ['POST', '/drain', { timeout: 5_000 }, 202, { act: 'drain', timeout: 5_000 }],
]

describe('actions', () => {
  it.each(all)('%s %s %j', async (method, path, body, code, act) => {
    const answer = await ask(method, path, body)
    expect(answer.statusCode).toBe(code)
    if (code !== 201) expect(answer.body).toBe('')
    expect(house.reports.acts).toEqual([act])
  })

  it.each(all)('%s %s %j is for those who may operate', async (method, path, body) => {
    const answer = await ask(method, path, body, tokens.view)
    expect([answer.statusCode, answer.json()]).toMatchObject([403, { title: 'Forbidden', status: 403 }])
    expect(house.reports.acts).toEqual([])
  })

  it('tell the id of what they have started', async () => {
    house.reports.outcome = { ok: true, id: 'relay/7' }
    const answer = await ask('POST', '/relays', { stream: 'live/cam', url })
    expect(answer.json()).toEqual({ id: 'relay/7' })
    expect(answer.headers.location).toBe('/api/v1/relays/relay%2F7')
  })

  it.each<[Outcome & { ok: false }, number, string]>([
    [{ ok: false, why: 'not found', reason: 'there is no such relay' }, 404, 'Not Found'],
    [{ ok: false, why: 'not possible', reason: 'nothing relays here: use relay()' }, 409, 'Conflict'],
    [{ ok: false, why: 'failed', reason: 'the disk is full' }, 500, 'Internal Server Error'],
  ])('%j is a problem', async (outcome, code, title) => {
    house.reports.outcome = outcome
    const answer = await ask('DELETE', '/relays/y1')
    expect(answer.statusCode).toBe(code)
    expect(answer.json()).toEqual({ type: 'about:blank', title, status: code, detail: outcome.reason })
  })
})
