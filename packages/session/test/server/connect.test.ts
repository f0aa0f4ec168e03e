import { describe, expect, it } from 'vitest'
import { deny } from '../../src/denial.ts'
import type { ConnectEvent } from '../../src/plugin.ts'
import { RawServer } from '../support/raw-server.ts'

const success = { info: 'status NetConnection.Connect.Success', objectEncoding: 0 }
const properties = { fmsVer: 'FMS/3,5,7,7009', capabilities: 31, mode: 1 }

describe('connect', () => {
  it('is answered in the order that every client takes', async () => {
    await using server = new RawServer()
    const peer = server.peer()
    peer.command(0, 'connect', 1, { app: 'live', tcUrl: 'rtmp://h/live' })
    expect(await peer.replies()).toEqual([
      ['WindowAcknowledgementSize', 2_500_000],
      ['SetPeerBandwidth', 2_500_000, 2],
      ['SetChunkSize', 60_000],
      ['StreamBegin', 0],
      ['_result', 0, 1, properties, success],
    ])
  })

  it.each([
    [{ objectEncoding: 3 }, 0],
    [{ objectEncoding: 0 }, 0],
    [{}, 0],
    [{ objectEncoding: 'x' }, 0],
  ])('with %j is told the object encoding %d', async (extra, objectEncoding) => {
    await using server = new RawServer()
    const peer = server.peer().command(0, 'connect', 1, { app: 'live', ...extra })
    expect((await peer.replies()).at(-1)).toEqual(['_result', 0, 1, properties, { ...success, objectEncoding }])
  })

  it('carries fields that plugins add', async () => {
    await using server = new RawServer({
      plugins: [{ name: 'a', onConnect: () => ({ response: { clientid: 'x', capsEx: 1 } }) }],
    })
    const peer = server.peer().command(0, 'connect', 1, { app: 'live' })
    expect((await peer.replies()).at(-1)?.[4]).toEqual({ ...success, clientid: 'x', capsEx: 1 })
  })

  it('tells plugins who asks for what', async () => {
    const events: ConnectEvent[] = []
    await using server = new RawServer({ plugins: [{ name: 'spy', onConnect: event => void events.push(event) }] })
    const object = { app: 'live/_definst_?t=1', tcUrl: 'rtmp://h/live?u=2', flashVer: 'FMLE/3.0', extra: true }
    await server.peer().command(0, 'connect', 1, object, 'user', 7).replies()
    expect(events).toHaveLength(1)
    const [{ app, query, commandObject, args, connection }] = events as [ConnectEvent]
    expect([app, Object.fromEntries(query), { ...commandObject }, args]).toEqual([
      'live',
      { t: '1', u: '2' },
      object,
      ['user', 7],
    ])
    const { transport, secure, remote, tcUrl, flashVer } = connection
    expect({ transport, secure, remote, tcUrl, flashVer, app: connection.app }).toEqual({
      transport: 'memory',
      secure: true,
      remote: { address: 'memory', port: 0 },
      tcUrl: 'rtmp://h/live?u=2',
      flashVer: 'FMLE/3.0',
      app: 'live',
    })
    expect(connection.id).toMatch(/^[\w-]{12}$/)
  })

  it('that is refused gets _error and nothing else, then the connection ends', async () => {
    const denial = deny('NetConnection.Connect.Rejected', 'not you')
    await using server = new RawServer({ plugins: [{ name: 'guard', onConnect: () => denial }] })
    const peer = server.peer().command(0, 'connect', 1, { app: 'live' })
    expect(await peer.rest()).toEqual([['_error', 0, 1, null, 'error NetConnection.Connect.Rejected']])
  })

  it('that is refused gives no right to anything, even pipelined', async () => {
    const asked: string[] = []
    await using server = new RawServer({
      plugins: [
        {
          name: 'guard',
          onConnect: () => deny('NetConnection.Connect.Rejected', 'not you'),
          onPublish: () => void asked.push('publish'),
          onCall: () => asked.push('call'),
          onDisconnect: () => void asked.push('disconnect'),
        },
      ],
    })
    const peer = server.peer()
    peer
      .command(0, 'connect', 1, { app: 'live' })
      .command(0, 'createStream', 2, null)
      .command(1, 'publish', 3, null, 'name')
    peer.command(0, 'method', 4, null)
    expect(await peer.rest()).toEqual([['_error', 0, 1, null, 'error NetConnection.Connect.Rejected']])
    expect(asked).toEqual([])
    expect(server.server.streams.size).toBe(0)
  })

  it.each(['createStream', 'publish', 'anything'])('comes first: %s before it ends the connection', async name => {
    await using server = new RawServer()
    const peer = server.peer().command(0, name, 1, null)
    expect(await peer.rest()).toEqual([])
    expect(server.log.at('warn')).toMatchObject([{ code: 'RTMP_ERR_COMMAND_ORDER', message: `${name} before connect` }])
  })

  it('comes once: a second one ends the connection', async () => {
    await using server = new RawServer()
    const peer = await server.peer().connect()
    peer.command(0, 'connect', 2, { app: 'other' })
    expect(await peer.rest()).toEqual([])
    expect(server.log.at('warn')).toMatchObject([{ code: 'RTMP_ERR_COMMAND_ORDER' }])
  })

  it.each([
    ['a hostile app', { app: '../etc' }, 'RTMP_ERR_STREAM_NAME'],
    ['a long app', { app: 'x'.repeat(600) }, 'RTMP_ERR_NAME_LENGTH'],
  ])('with %s ends the connection', async (_what, object, code) => {
    await using server = new RawServer()
    const peer = server.peer().command(0, 'connect', 1, object)
    expect(await peer.rest()).toEqual([])
    expect(server.log.at('warn')).toMatchObject([{ code }])
  })

  it.each([null, 'live', 7, []])('with %j for a command object connects to no app', async object => {
    const apps: string[] = []
    await using server = new RawServer({ plugins: [{ name: 'spy', onConnect: ({ app }) => void apps.push(app) }] })
    const peer = server.peer().command(0, 'connect', 1, object)
    expect((await peer.replies()).at(-1)?.[0]).toBe('_result')
    expect(apps).toEqual([''])
  })

  it('is not answered when the client has left meanwhile', async () => {
    let ask: () => void = () => {}
    const asked = new Promise<void>(resolve => (ask = resolve))
    let letIn: () => void = () => {}
    const told: string[] = []
    await using server = new RawServer({
      plugins: [
        {
          name: 'slow',
          onConnect: () => {
            ask()
            return new Promise(resolve => (letIn = resolve))
          },
          onDisconnect: () => void told.push('disconnect'),
        },
      ],
    })
    const peer = server.peer().command(0, 'connect', 1, { app: 'live' })
    await asked
    peer.messages.destroy()
    await new Promise<void>(resolve => peer.messages.once('close', resolve))
    letIn()
    await server.server.close()
    expect(told).toEqual([])
    expect(server.log.at('error')).toEqual([])
  })
})
