import { once } from 'node:events'
import { createConnection } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Problem } from '../../src/problem/problem.ts'
import { FakeHouse, tokens } from '../support/fake-house.ts'
import { stream } from '../support/fake-reports.ts'

let house: FakeHouse
let url: string
beforeAll(async () => {
  house = await FakeHouse.open()
  url = await house.listen()
})
afterAll(() => house[Symbol.asyncDispose]())
beforeEach(() => {
  house.reports.acts.length = 0
})

const operate = { authorization: `Bearer ${tokens.operate}` }
const json = { ...operate, 'content-type': 'application/json' }

/** The problem that a request is answered with. It must be one, and nothing must have happened. */
async function problemOf(path: string, options: RequestInit = {}): Promise<Problem> {
  const answer = await fetch(`${url}/api/v1${path}`, { headers: operate, ...options })
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  const problem = (await answer.json()) as Problem
  expect(problem.status).toBe(answer.status)
  expect(problem.type).toBe('about:blank')
  expect(problem.detail).toMatch(/\w/)
  expect(house.reports.acts).toEqual([])
  return problem
}

const body = (method: string, text: string, headers: Record<string, string> = json): RequestInit => ({
  method,
  headers,
  body: text,
})

describe('bodies that will not do', () => {
  it.each<[string, string, string, number, string | undefined]>([
    ['POST', '/recordings', '{"stream":5}', 400, 'stream'],
    ['POST', '/recordings', '{"stream":""}', 400, 'stream'],
    ['POST', '/recordings', '{}', 400, 'stream'],
    ['POST', '/recordings', '[]', 400, undefined],
    ['POST', '/recordings', 'null', 400, undefined],
    ['POST', '/recordings', '"live/cam"', 400, undefined],
    ['POST', '/recordings', '{"stream":"live/cam","shell":"rm"}', 400, 'shell'],
    ['POST', '/recordings', '{"stream":["live/cam"]}', 400, 'stream'],
    ['POST', '/recordings', `{"stream":"${'x'.repeat(5_000)}"}`, 400, 'stream'],
    ['POST', '/relays', '{"stream":"live/cam"}', 400, 'url'],
    ['POST', '/relays', '{"stream":"live/cam","url":"http://far/live"}', 400, 'url'],
    ['POST', '/relays', '{"stream":"live/cam","url":"file:///etc/passwd"}', 400, 'url'],
    ['PATCH', '/relays/y1', '{"url":7}', 400, 'url'],
    ['PATCH', '/relays/y1', '{"stream":"live/cam","url":"rtmp://far/live/cam"}', 400, 'stream'],
    ['DELETE', '/players/p1', '{"code":"NetStream.Play.Stopp"}', 400, 'code'],
    ['DELETE', '/players/p1', '{"code":"App.a\\r\\nb"}', 400, 'code'],
    ['DELETE', '/players/p1', '{"code":5}', 400, 'code'],
    ['DELETE', '/players/p1', '{"code":"App.X","description":{}}', 400, 'description'],
    ['DELETE', '/players/p1', `{"description":"${'x'.repeat(1_001)}"}`, 400, 'description'],
    ['DELETE', '/streams/live/cam', '{"level":"error"}', 400, 'level'],
    ['POST', '/drain', '{"timeout":-1}', 400, 'timeout'],
    ['POST', '/drain', '{"timeout":"1000"}', 400, 'timeout'],
    ['POST', '/drain', '{"timeout":1e99}', 400, 'timeout'],
    ['POST', '/recordings', '{"stream":"live/cam","__proto__":{"isAdmin":true}}', 400, undefined],
    ['POST', '/recordings', '{"stream":"live/cam","constructor":{"prototype":{}}}', 400, undefined],
    ['POST', '/recordings', '{"stream":', 400, undefined],
    ['POST', '/recordings', '', 400, undefined],
    ['POST', '/recordings', `{"stream":"${'x'.repeat(20_000)}"}`, 413, undefined],
  ])('%s %s %.60s', async (method, path, text, status, field) => {
    const problem = await problemOf(path, body(method, text))
    expect(problem.status).toBe(status)
    expect(problem.field).toBe(field)
    if (field !== undefined) expect(problem.detail).toContain(field)
  })

  it('are told with what was meant', async () => {
    const problem = await problemOf('/players/p1', body('DELETE', '{"code":"NetStream.Play.Stopp"}'))
    expect(problem.detail).toMatch(/did you mean NetStream\.Play\.Stop/)
  })

  it('and are not repeated: there may be secrets in them', async () => {
    for (const text of ['{"stream":"live/cam","url":"http://user:hunter2@far"}', 'hunter2', '{"url": hunter2}']) {
      expect((await problemOf('/relays', body('POST', text))).detail).not.toContain('hunter2')
    }
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/x-fcs', 'multipart/form-data; boundary=x'])(
    'of the type %s',
    async type => {
      const problem = await problemOf('/recordings', body('POST', 'stream=live', { ...operate, 'content-type': type }))
      expect(problem).toMatchObject({ status: 415, title: 'Unsupported Media Type', detail: /application\/json/ })
    },
  )

  it('JSON that is announced and not sent is no body', async () => {
    const answer = await fetch(`${url}/api/v1/reload`, { method: 'POST', headers: json })
    expect(answer.status).toBe(204)
    expect((await fetch(`${url}/api/v1/players/p1`, { method: 'DELETE', headers: json })).status).toBe(204)
    house.reports.acts.length = 0
  })

  it('none at all where one is needed', async () => {
    expect(await problemOf('/recordings', { method: 'POST' })).toMatchObject({ status: 400 })
  })
})

describe('paths and methods that will not do', () => {
  it.each([
    '',
    '/',
    '/nothing',
    '/server/',
    '/server/pid',
    '/__proto__',
    '/constructor',
    '/streams/__proto__',
    '/connections/__proto__',
    '/players/%00',
    '/players/%2e%2e%2f%2e%2e%2fetc%2fpasswd',
    `/players/${'x'.repeat(8_000)}`,
    '/relays/<script>alert(1)</script>',
  ])('GET %.40s', async path => {
    const problem = await problemOf(path)
    expect(problem).toMatchObject({ status: 404, title: 'Not Found' })
    expect(problem.detail.length).toBeLessThan(200)
    expect(problem.detail).not.toContain('<script>')
  })

  it.each([
    ['POST', '/server', 'GET, HEAD'],
    ['PUT', '/streams/live/cam', 'DELETE, GET, HEAD'],
    ['POST', '/streams/live/cam', 'DELETE, GET, HEAD'],
    ['DELETE', '/streams', 'GET, HEAD'],
    ['GET', '/drain', 'POST'],
    ['GET', '/reload?now', 'POST'],
    ['PUT', '/relays', 'GET, HEAD, POST'],
    ['POST', '/relays/y1', 'DELETE, GET, HEAD, PATCH'],
    ['OPTIONS', '/recordings', 'GET, HEAD, POST'],
    ['PROPFIND', '/server', 'GET, HEAD'],
    ['POST', '/openapi.json', 'GET, HEAD'],
    ['DELETE', '/events', 'GET'],
  ])('%s %s is answered with what is allowed', async (method, path, allowed) => {
    const answer = await fetch(`${url}/api/v1${path}`, { method, headers: operate })
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toBe(allowed)
    expect(await problemOf(path, { method })).toMatchObject({ title: 'Method Not Allowed' })
  })

  it('HEAD of events does not wait for their end', async () => {
    const answer = await fetch(`${url}/api/v1/events`, { method: 'HEAD', headers: operate })
    expect(answer.status).toBe(405)
  })
})

describe('whoever has no token', () => {
  it.each([
    ['GET', '/server'],
    ['GET', '/configuration'],
    ['GET', '/events'],
    ['GET', '/nothing'],
    ['POST', '/drain'],
    ['PUT', '/drain'],
    ['DELETE', '/streams/live/cam'],
  ])('learns nothing from %s %s', async (method, path) => {
    expect(await problemOf(path, { method, headers: {} })).toMatchObject({ status: 401, title: 'Unauthorized' })
  })

  it('may read what the API is', async () => {
    const answer = await fetch(`${url}/api/v1/openapi.json`)
    expect(await answer.json()).toMatchObject({ openapi: '3.1.0' })
  })

  it('is refused before the body is read', async () => {
    const problem = await problemOf('/relays', body('POST', '{"stream":', { 'content-type': 'application/json' }))
    expect(problem.status).toBe(401)
  })
})

describe('headers', () => {
  it('can not be put into answers by an id', async () => {
    house.reports.outcome = { ok: true, id: 'x\r\nSet-Cookie: a=b' }
    const answer = await fetch(`${url}/api/v1/recordings`, body('POST', '{"stream":"live/cam"}'))
    house.reports.outcome = { ok: true }
    expect(answer.status).toBe(201)
    expect(answer.headers.get('set-cookie')).toBeNull()
    expect(answer.headers.get('location')).toBe('/api/v1/recordings/x%0D%0ASet-Cookie%3A%20a%3Db')
    house.reports.acts.length = 0
  })

  it.each(['now', '-1', 'a-b', '1'.repeat(20), 'mf-1 x', '__proto__'])('Last-Event-ID: %s', async place => {
    const problem = await problemOf('/events', { headers: { ...operate, 'last-event-id': place } })
    expect(problem).toMatchObject({ status: 400, field: 'Last-Event-ID' })
  })

  it.each(['/events?type=everything', '/events?type=publish.start,x', '/events?types=a', '/events?stream=a&stream=b'])(
    '%s',
    async path => {
      expect((await problemOf(path)).status).toBe(400)
    },
  )
})

it('names of strangers are data, whatever is in them', async () => {
  const name = '<script>alert(1)</script>"\u2028'
  house.reports.all.streams = [{ ...stream, id: `live/${name}`, name }]
  const answer = await fetch(`${url}/api/v1/streams`, { headers: operate })
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  expect(await answer.json()).toMatchObject({ items: [{ name }] })
})

describe('errors inside', () => {
  it('are told without their words', async () => {
    house.reports.server = async () => {
      throw new Error('connect to 10.0.0.1 with password hunter2')
    }
    const problem = await problemOf('/server')
    expect(problem).toMatchObject({ status: 500, title: 'Internal Server Error' })
    expect(JSON.stringify(problem)).not.toContain('hunter2')
  })
})

it('a request line that is no URL ends in an error, and the server goes on', async () => {
  const socket = createConnection(Number(new URL(url).port), '127.0.0.1')
  await once(socket, 'connect')
  const line = `GET /api/v1/streams/%zz HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokens.operate}\r\n`
  socket.end(`${line}Connection: close\r\n\r\n`)
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /)
  expect(await problemOf('/nothing')).toMatchObject({ status: 404 })
})
