import { settled, TestServer } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { contextKey } from '../../../src/contract/context.ts'
import { deny } from '../../../src/contract/denial.ts'
import type { Plugin } from '../../../src/contract/plugin.ts'

const who = { transport: 'http', remote: { address: '192.0.2.1', port: 4711 } }

describe('asking who may play', () => {
  it('asks connect and play gates, and nobody else hears of it', async () => {
    const told: string[] = []
    const note = (what: string) => () => void told.push(what)
    const found = contextKey<string>('found')
    const plugin: Plugin = {
      name: 'spy',
      onConnect({ connection, context, app, query }) {
        told.push(`connect ${app} ${query.get('ticket')} ${connection.remote.address} ${connection.transport}`)
        context.set(found, 'by connect')
      },
      onPlay({ streamName, isLive, context }) {
        told.push(`play ${streamName} ${isLive} ${context.get(found)}`)
        return streamName === 'secret' ? deny('NetStream.Play.Failed', 'not for you') : undefined
      },
      onConnectAccepted: note('connect accepted'),
      onPlayAccepted: note('play accepted'),
      onPlayStart: note('play start'),
      onDisconnect: note('disconnect'),
      onRefusal: note('refusal'),
      onStreamViewers: note('viewers'),
    }
    await using server = new TestServer({ plugins: [plugin] })
    await server.publish('live/open')
    told.length = 0
    const view = server.server
    expect(await view.mayPlay('live', 'open', { ...who, query: 'ticket=1' })).toBe(true)
    expect(await view.mayPlay('live', 'secret', who)).toBe(false)
    await settled()
    expect(told).toEqual([
      'connect live 1 192.0.2.1 http',
      'play open true by connect',
      'connect live null 192.0.2.1 http',
      'play secret false by connect',
    ])
    expect([view.connections.size, view.players.size, view.streams.get('live', 'secret')]).toEqual([1, 0, undefined])
  })

  it('is no for who is refused with connect, for names that are not allowed, and when a gate fails or ends the connection', async () => {
    const plugin: Plugin = {
      name: 'door',
      onConnect: ({ app }) => (app === 'closed' ? deny('NetConnection.Connect.Rejected', 'closed') : undefined),
      onPlay({ streamName, connection }) {
        if (streamName === 'bug') throw new Error('a bug')
        if (streamName === 'ended') connection.end()
      },
    }
    await using server = new TestServer({ plugins: [plugin] })
    const may = (app: string, name: string) => server.server.mayPlay(app, name, who)
    expect(await may('live', 'name')).toBe(true)
    expect(await may('closed', 'name')).toBe(false)
    expect(await may('live', 'bug')).toBe(false)
    expect(await may('live', 'ended')).toBe(false)
    expect(await may('live', '../name')).toBe(false)
    expect(await may('../live', 'name')).toBe(false)
  })

  it('ends with its signal, which a gate sees', async () => {
    let seen: AbortSignal | undefined
    const leaving = new AbortController()
    const plugin: Plugin = {
      name: 'slow',
      onPlay({ signal }) {
        seen = signal
        leaving.abort()
        return new Promise(() => {})
      },
    }
    await using server = new TestServer({ plugins: [plugin] })
    expect(await server.server.mayPlay('live', 'name', { ...who, signal: leaving.signal })).toBe(false)
    expect(seen?.aborted).toBe(true)
    expect(await server.server.mayPlay('live', 'name', { ...who, signal: leaving.signal })).toBe(false)
  })

  it('has to be told who it is', async () => {
    await using server = new TestServer()
    await expect(server.server.mayPlay('live', 'name', {} as typeof who)).rejects.toMatchObject({
      code: 'RTMP_ERR_USAGE',
    })
  })
})
