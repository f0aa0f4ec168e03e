import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { build } from 'esbuild'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { apiClient, type ApiClient, ApiError } from '../../src/client/index.ts'
import { FakeHouse, tokens } from '../support/fake-house.ts'
import * as reports from '../support/fake-reports.ts'

let house: FakeHouse
let url: string
let client: ApiClient
beforeEach(async () => {
  house = await FakeHouse.open()
  url = await house.listen()
  client = apiClient({ url, token: tokens.operate })
})
afterEach(() => house[Symbol.asyncDispose]())

describe('apiClient', () => {
  it('reads all that there is', async () => {
    expect(await client.server()).toEqual(reports.server)
    expect(await client.configuration()).toEqual({ server: { rtmp: 1935 } })
    expect(await client.connections()).toEqual([reports.connection])
    expect(await client.connection('c1')).toEqual(reports.connection)
    expect(await client.streams()).toEqual([reports.stream])
    expect(await client.stream('live/cam')).toEqual(reports.stream)
    expect(await client.players()).toEqual([reports.player])
    expect(await client.player('p1')).toEqual(reports.player)
    expect(await client.recordings()).toEqual([reports.recording])
    expect(await client.recording('r1')).toEqual(reports.recording)
    expect(await client.relays()).toEqual([reports.relay])
    expect(await client.relay('y1')).toEqual(reports.relay)
    expect(await client.refusals()).toEqual([reports.refusal])
    expect(await client.refusal(1)).toEqual(reports.refusal)
  })

  it('reads lists that have more than one page, filtered, and no more than is wanted', async () => {
    const many = Array.from({ length: 20_500 }, (_, id) => ({ ...reports.player, id: `p${id}`, isSlow: id > 20_000 }))
    house.reports.all.players = many
    const all = await client.players()
    expect(new Set(all.map(({ id }) => id)).size).toBe(many.length)
    expect(await client.players({ isSlow: true, stream: 'live/cam' })).toHaveLength(499)
    expect(await client.players({ limit: 7 })).toHaveLength(7)
    expect(await client.players({ limit: 10_001 })).toHaveLength(10_001)
  })

  it('does all that there is to do', async () => {
    house.reports.outcome = { ok: true, id: 'new' }
    const status = { code: 'App.Bye', description: 'bye' }
    await client.endConnection('c1')
    await client.endStream('live/cam', status)
    await client.endPlayer('p1', status)
    expect(await client.startRecording('live/cam')).toBe('new')
    await client.endRecording('r1')
    expect(await client.startRelay('live/cam', 'rtmp://far/live/cam')).toBe('new')
    await client.changeRelay('y/1', 'rtmp://far/live/cam')
    await client.endRelay('y 1')
    await client.reload()
    await client.drain()
    await client.drain({ timeout: 5 })
    expect(house.reports.acts).toEqual([
      { act: 'end connection', id: 'c1' },
      { act: 'end stream', id: 'live/cam', status },
      { act: 'end player', id: 'p1', status },
      { act: 'start recording', stream: 'live/cam' },
      { act: 'end recording', id: 'r1' },
      { act: 'start relay', stream: 'live/cam', url: 'rtmp://far/live/cam' },
      { act: 'change relay', id: 'y/1', url: 'rtmp://far/live/cam' },
      { act: 'end relay', id: 'y 1' },
      { act: 'reload' },
      { act: 'drain' },
      { act: 'drain', timeout: 5 },
    ])
  })

  it.each(['live/..', 'live/./x', 'live//cam', 'live/', 'a/b/c', 'live/?key=1#x', 'live/%2e%2e', 'live/日本'])(
    'finds the stream %s',
    async id => {
      house.reports.all.streams = [{ ...reports.stream, id }]
      expect((await client.stream(id)).id).toBe(id)
    },
  )

  it('throws the problem that the server tells', async () => {
    const error: unknown = await apiClient({ url, token: 'wrong' })
      .server()
      .catch((error: unknown) => error)
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({
      name: 'ApiError',
      message: 'a token is needed',
      status: 401,
      problem: { title: 'Unauthorized', detail: 'a token is needed' },
    })
    await expect(client.endStream('live/cam', { code: 'App.\n' })).rejects.toMatchObject({ problem: { field: 'code' } })
  })

  it('sends more headers, and takes the fetch that it is given', async () => {
    const calls: [string, Record<string, string>][] = []
    const fake = async (input: unknown, init?: RequestInit) => {
      calls.push([String(input), init?.headers as Record<string, string>])
      return new Response('<h1>hello</h1>', { status: 502, statusText: 'Bad Gateway' })
    }
    const client = apiClient({ headers: () => ({ 'X-CSRF-Token': 'c' }), fetch: fake as typeof fetch })
    await expect(client.reload()).rejects.toMatchObject({ status: 502, message: /^Bad Gateway: this is no answer/ })
    expect(calls).toEqual([['/api/v1/reload', { 'X-CSRF-Token': 'c' }]])
  })
})

describe('events of apiClient', () => {
  it('come as they happen, and the line is closed when nobody wants more', async () => {
    const events = client.events({ types: ['publish.start', 'refusal'], stream: 'live/cam' })
    const first = events.next()
    await vi.waitFor(() => expect(house.reports.followers).toBe(1))
    house.reports.tell(reports.event(1, { type: 'play.end' }), reports.event(2), reports.event(3, { stream: 'x' }))
    expect(await first).toEqual({ done: false, value: reports.event(2) })
    await events.return()
    await vi.waitFor(() => expect(house.reports.followers).toBe(0))
  })

  it('end with the signal', async () => {
    const abort = new AbortController()
    const first = client.events({ signal: abort.signal }).next()
    await vi.waitFor(() => expect(house.reports.followers).toBe(1))
    abort.abort()
    expect(await first).toEqual({ done: true, value: undefined })
    await vi.waitFor(() => expect(house.reports.followers).toBe(0))
  })

  it.each([
    ['a wrong token', async () => apiClient({ url, token: 'wrong' }).events().next(), { status: 401 }],
    ['nobody who listens', async () => apiClient({ url: 'http://127.0.0.1:1' }).events().next(), { name: 'TypeError' }],
  ])('throw for %s', async (_what, call, error) => {
    await expect(call()).rejects.toMatchObject(error)
  })

  describe('when the line is lost', () => {
    let server: Server
    const listen = async (listener: RequestListener) => {
      server = createServer(listener)
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    }
    afterEach(() => server.closeAllConnections() ?? server.close())

    it('go on where they were, also before the first one and through a pause of the server', async () => {
      const asked: (string | undefined)[] = []
      const text = (id: number) => `id: s-${id}\nevent: publish.start\ndata: ${JSON.stringify(reports.event(id))}\n\n`
      const answers = [
        'retry: 2000\nid: s-4\n\n',
        503,
        `${text(5)}${text(6)}id: s-7\nevent: publ`,
        `event: missed\ndata: {}\n\n${text(9)}`,
      ] as const
      const url = await listen((request, response) => {
        asked.push(request.headers['last-event-id'] as string | undefined)
        const answer = answers[asked.length - 1] ?? 410
        if (typeof answer === 'number') response.writeHead(answer, { 'Retry-After': '0' }).end()
        else response.writeHead(200).end(answer)
      })
      const missed = vi.fn()
      const events = apiClient({ url }).events({ missed })
      for (const id of [5, 6]) expect((await events.next()).value).toEqual(reports.event(id))
      expect(missed).not.toHaveBeenCalled()
      expect((await events.next()).value).toEqual(reports.event(9))
      expect(missed).toHaveBeenCalledOnce()
      await expect(events.next()).rejects.toMatchObject({ status: 410 })
      expect(asked).toEqual([undefined, 's-4', 's-4', 's-6', 's-9'])
    })
  })
})

it('takes nothing of Node: it works in a browser', async () => {
  const entry = fileURLToPath(new URL('../../src/client/index.ts', import.meta.url))
  const { metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    metafile: true,
    write: false,
    platform: 'browser',
    format: 'esm',
  })
  const [output] = Object.values(metafile.outputs)
  expect(output?.imports).toEqual([])
  expect(output?.bytes).toBeLessThan(12_000)
})
