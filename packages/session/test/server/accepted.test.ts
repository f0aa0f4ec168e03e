import { describe, expect, it } from 'vitest'
import { deny } from '../../src/contract/denial.ts'
import type { Plugin } from '../../src/contract/plugin.ts'
import { status } from '../../src/protocol/status.ts'
import { RecordingLog } from '../support/recording-log.ts'
import { type RtmpClient, StatusError } from '@rtmpipe/session'
import { TestServer } from '@rtmpipe/testing'

const turn = () => new Promise<void>(resolve => setImmediate(resolve))

/** A plugin that does something for everybody, and writes down when it takes that back. */
function acting(name: string, told: string[]): Plugin {
  const act = (hook: string) => () => {
    told.push(`${name} ${hook}`)
    return () => void told.push(`${name} undo`)
  }
  return {
    name,
    onConnectAccepted: act('connect'),
    onPublishAccepted: act('publish'),
    onPlayAccepted: act('play'),
    onPublishStart: () => void told.push(`${name} start`),
    onPublishEnd: () => void told.push(`${name} end`),
    onPlayStart: () => void told.push(`${name} start`),
    onPlayEnd: () => void told.push(`${name} end`),
    onDisconnect: () => void told.push(`${name} disconnect`),
  }
}

/** All that is told from here on, of a client that is connected. */
async function connected(told: string[], ...plugins: Plugin[]): Promise<{ server: TestServer; client: RtmpClient }> {
  const server = new TestServer({ plugins })
  const client = await server.connect('live')
  told.length = 0
  return { server, client }
}

describe('what plugins do for who is let in', () => {
  it('is done when all gates have agreed, in list order, and ends with the end', async () => {
    const told: string[] = []
    const gate: Plugin = { name: 'gate', onPublish: () => void told.push('gate'), onPlay: () => void told.push('gate') }
    const { server, client } = await connected(told, acting('a', told), acting('b', told), gate)
    await using _ = server
    await client.publish('name')
    expect(told.splice(0)).toEqual(['gate', 'a publish', 'b publish', 'a start', 'b start'])
    await client.play('name')
    expect(told.splice(0)).toEqual(['gate', 'a play', 'b play', 'a start', 'b start'])
    client.messages.destroy()
    while (!told.includes('b disconnect')) await turn()
    expect(told.filter(each => each.endsWith('undo'))).toEqual([])
  })

  it('is not done for who is refused by a gate, wherever that stands', async () => {
    const told: string[] = []
    const denial = deny('NetStream.Publish.Denied', 'no')
    const { server, client } = await connected(told, acting('a', told), { name: 'gate', onPublish: () => denial })
    await using _ = server
    await expect(client.publish('name')).rejects.toThrow('no')
    expect(told).not.toContain('a publish')
  })

  it('waits for all others where it can not be taken back, and is not done when one of them refuses', async () => {
    const told: string[] = []
    const last = (name: string): Plugin => ({
      name,
      onPublishAccepted: () => ({
        whenAgreed: ({ streamName }) => {
          told.push(`${name} ${streamName}`)
          return () => void told.push(`${name} undo`)
        },
      }),
    })
    const refusing: Plugin = {
      name: 'refusing',
      onPublishAccepted: ({ query }) => {
        told.push('asked')
        if (query.has('no')) return deny('NetStream.Publish.Denied', 'no')
        return query.has('at-last') ? { whenAgreed: () => deny('NetStream.Publish.Denied', 'no, at last') } : undefined
      },
    }
    const { server, client } = await connected(told, last('a'), last('b'), acting('c', told), refusing)
    await using _ = server
    await client.publish('name')
    expect(told.splice(0)).toEqual(['c publish', 'asked', 'a name', 'b name', 'c start'])
    const next = await server.connect('live')
    told.length = 0
    await expect(next.publish('other?at-last')).rejects.toThrow('no, at last')
    expect(told.slice(0, 7)).toEqual(['c publish', 'asked', 'a other', 'b other', 'b undo', 'a undo', 'c undo'])
    told.length = 0
    await expect((await server.connect('live')).publish('other?no')).rejects.toThrow('no')
    expect(told.filter(each => !each.startsWith('c'))).toEqual(['asked'])
  })

  it('sees the final name', async () => {
    const names: string[] = []
    const note = ({ streamName }: { streamName: string }) => void names.push(streamName)
    const rename = ({ streamName }: { streamName: string }) => ({ streamName: `${streamName}!` })
    await using server = new TestServer({
      plugins: [
        { name: 'note', onPublishAccepted: note, onPlayAccepted: note },
        { name: 'rename', onPublish: rename, onPlay: rename },
      ],
    })
    await server.publish('live/a')
    await server.play('live/b')
    expect(names).toEqual(['a!', 'b!'])
  })

  it.each(['publish', 'play'] as const)('is undone when a later plugin refuses the %s, the last first', async kind => {
    const told: string[] = []
    const refuse = () => deny('NetStream.Publish.Denied', 'full')
    const full: Plugin = { name: 'full', onPublishAccepted: refuse, onPlayAccepted: refuse }
    const { server, client } = await connected(told, acting('a', told), acting('b', told), full, acting('c', told))
    await using _ = server
    await expect(client[kind]('name') as Promise<unknown>).rejects.toMatchObject({
      statusCode: 'NetStream.Publish.Denied',
      description: 'full',
    })
    expect(told.slice(0, 4)).toEqual([`a ${kind}`, `b ${kind}`, 'b undo', 'a undo'])
    expect(told.filter(each => /^c (?!disconnect)/.test(each))).toEqual([])
  })

  it('is undone when a later plugin refuses the connection', async () => {
    const told: string[] = []
    const full: Plugin = { name: 'full', onConnectAccepted: () => deny('NetConnection.Connect.Rejected', 'full') }
    await using server = new TestServer({ plugins: [acting('a', told), full] })
    await expect(server.connect('live')).rejects.toMatchObject({ statusCode: 'NetConnection.Connect.Rejected' })
    expect(told).toEqual(['a connect', 'a undo'])
  })

  it('is undone when the name is taken', async () => {
    const told: string[] = []
    const { server, client } = await connected(told, acting('a', told))
    await using _ = server
    await client.publish('name')
    const other = await server.connect('live')
    told.length = 0
    await expect(other.publish('name')).rejects.toMatchObject({ statusCode: 'NetStream.Publish.BadName' })
    expect(told.slice(0, 2)).toEqual(['a publish', 'a undo'])
  })

  it.each([
    ['ends', (info: { end(reason: ReturnType<typeof status>): void }) => info.end(status('NetStream.Failed', 'no'))],
    [
      'fails at',
      () => {
        throw new Error('boom')
      },
    ],
  ])('is undone when a Transform hook %s the publish or play', async (_how, bind) => {
    const told: string[] = []
    const binds: Plugin = { name: 'binds', bindPublish: bind, bindPlay: bind }
    const { server, client } = await connected(told, acting('a', told), binds)
    await using _ = server
    await expect(client.publish('name')).rejects.toBeInstanceOf(StatusError)
    expect(told.splice(0, 2)).toEqual(['a publish', 'a undo'])
    const player = await (await server.connect('live')).play('name').catch(() => undefined)
    player?.on('error', () => {})
    while (told.filter(each => each === 'a undo').length < 1) await turn()
    expect(told).not.toContain('a start')
  })

  it('is undone when what is to be played cannot be opened', async () => {
    const told: string[] = []
    const broken: Plugin = { name: 'broken', sourcePlay: () => Promise.reject(new Error('boom')) }
    const { server, client } = await connected(told, acting('a', told), broken)
    await using _ = server
    await expect(client.play('name')).rejects.toBeInstanceOf(StatusError)
    expect(told.slice(0, 2)).toEqual(['a play', 'a undo'])
  })

  it('is undone when play2 is refused, and what is played goes on', async () => {
    const told: string[] = []
    const full: Plugin = {
      name: 'full',
      onPlayAccepted: ({ streamName }) => (streamName === 'b' ? deny('NetStream.Play.Failed', 'full') : undefined),
    }
    const { server, client } = await connected(told, acting('a', told), full)
    await using _ = server
    const player = await client.play('a')
    told.length = 0
    await expect(player.switchTo('b')).rejects.toThrow('full')
    expect(told.slice(0, 2)).toEqual(['a play', 'a undo'])
  })

  it('is undone when the client leaves while a later plugin is still at it, whose own act is undone when it is done', async () => {
    const told: string[] = []
    let done: (undo: () => void) => void = () => {}
    let asked = () => {}
    const isAsked = new Promise<void>(resolve => (asked = resolve))
    const slow: Plugin = {
      name: 'slow',
      onPublishAccepted() {
        asked()
        return new Promise(resolve => (done = resolve))
      },
    }
    const { server, client } = await connected(told, acting('a', told), slow)
    await using _ = server
    const refused = expect(client.publish('name')).rejects.toThrow()
    await isAsked
    client.messages.destroy()
    await refused
    while (!told.includes('a undo')) await turn()
    done(() => void told.push('slow undo'))
    while (!told.includes('slow undo')) await turn()
    expect(told.filter(each => each.endsWith('undo'))).toEqual(['a undo', 'slow undo'])
  })
})

describe('a plugin that fails at it', () => {
  it.each([
    ['throws', () => Promise.reject(new Error('boom'))],
    ['takes too long', () => new Promise<void>(() => {})],
    ['answers nonsense', () => true as never],
  ])('and %s refuses, is logged, and the others take back what they did', async (_how, onPublishAccepted) => {
    const told: string[] = []
    const log = new RecordingLog()
    const plugins = [acting('a', told), { name: 'broken', onPublishAccepted }]
    await using server = new TestServer({ plugins, log, limits: { hookTimeout: 20 } })
    await expect(server.publish('live/name')).rejects.toMatchObject({ statusCode: 'NetStream.Failed' })
    expect(told.slice(1, 3)).toEqual(['a publish', 'a undo'])
    expect(log.at('error')).toMatchObject([{ plugin: 'broken', hook: 'onPublishAccepted' }])
  })

  it('may have more time than others', async () => {
    const patient: Plugin = {
      name: 'patient',
      hookTimeout: 5_000,
      onPublishAccepted: ({ signal }) =>
        new Promise((resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('too late')))
          setTimeout(() => resolve(deny('NetStream.Publish.Denied', 'at last')), 60)
        }),
    }
    await using server = new TestServer({ plugins: [patient], limits: { hookTimeout: 20 } })
    await expect(server.publish('live/name')).rejects.toThrow('at last')
  })

  it('and at taking it back is logged, and the others take back what they did', async () => {
    const told: string[] = []
    const log = new RecordingLog()
    const undos = [
      () => {
        throw new Error('boom')
      },
      () => Promise.reject(new Error('boom')),
    ]
    const broken = undos.map((undo): Plugin => ({ name: 'broken', onPublishAccepted: () => undo }))
    const full: Plugin = { name: 'full', onPublishAccepted: () => deny('NetStream.Publish.Denied', 'full') }
    await using server = new TestServer({ plugins: [acting('a', told), ...broken, full], log })
    await expect(server.publish('live/name')).rejects.toThrow('full')
    expect(told).toContain('a undo')
    while (log.at('error').length < 2) await turn()
    expect(log.at('error')).toMatchObject(undos.map(() => ({ plugin: 'broken', hook: 'onPublishAccepted' })))
  })
})

describe('a quota of one', () => {
  it('lets in one of three that come at once, and refuses the others before any success reply', async () => {
    let taken = false
    const one: Plugin = {
      name: 'one',
      // Each gate would let all three in: they are asked before anybody has begun.
      onPublish: () => turn(),
      onPublishAccepted() {
        if (taken) return deny('NetStream.Publish.Denied', 'one per user')
        taken = true
        return () => void (taken = false)
      },
      onPublishEnd: () => void (taken = false),
    }
    let starts = 0
    await using server = new TestServer({ plugins: [one, { name: 'spy', onPublishStart: () => void (starts += 1) }] })
    const results = await Promise.allSettled(['a', 'b', 'c'].map(name => server.publish(`live/${name}`)))
    expect(results.map(result => result.status).toSorted()).toEqual(['fulfilled', 'rejected', 'rejected'])
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ description: 'one per user' })
    }
    expect(starts).toBe(1)
  })
})
