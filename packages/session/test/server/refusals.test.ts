import { encodeAmf0 } from '@rtmpipe/amf'
import { VirtualClock } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { type Denial, deny } from '../../src/contract/denial.ts'
import type { Plugin } from '../../src/contract/plugin.ts'
import type { LogLine } from '../support/recording-log.ts'
import type { RawPeer } from '../support/raw-peer.ts'
import { RawServer } from '../support/raw-server.ts'

const refusals = (server: RawServer): LogLine[] => server.log.lines.filter(({ message }) => message.endsWith('refused'))

async function withStream(server: RawServer): Promise<RawPeer> {
  const peer = await server.peer('192.0.2.7').connect()
  await peer.createStream()
  return peer
}

const badNames = [
  ['a control character', 'a\u0007b', 'not allowed'],
  ['a NUL at the end', 'key\0', 'not allowed'],
  ['a backslash', 'a\\b', 'not allowed'],
  ['a way up', '..', 'not allowed'],
  ['a way up inside', 'a/../b', 'not allowed'],
  ['too much', 'x'.repeat(600), '600 characters, more than 512'],
  ['a long query', `key?t=${'x'.repeat(9_000)}`, '9002 characters, more than 8192'],
] as const

describe.each(badNames)('a name with %s is refused with words, before the end', (_what, name, words) => {
  it.each([
    ['publish', 'NetStream.Publish.BadName'],
    ['play', 'NetStream.Play.Failed'],
  ])('by %s', async (command, code) => {
    await using server = new RawServer()
    const peer = await withStream(server)
    peer.command(1, command, 0, null, name)
    expect(await peer.rest()).toEqual([['onStatus', 1, 0, null, `error ${code}`]])
    expect(refusals(server)).toEqual([
      expect.objectContaining({
        level: 'info',
        message: `${command} refused`,
        remote: '192.0.2.7:0',
        app: 'live',
        code,
        reason: expect.stringContaining(words),
      }),
    ])
    expect(server.log.at('warn')).toEqual([])
  })

  it('by play2, and what is played goes on', async () => {
    await using server = new RawServer()
    const peer = server.peer()
    await peer.play('name')
    const failed = [['onStatus', 1, 0, null, 'error NetStream.Play.Failed']]
    expect(await peer.command(1, 'play2', 0, null, { streamName: name }).replies()).toEqual(failed)
    expect(refusals(server)).toMatchObject([{ message: 'play2 refused', app: 'live' }])
    expect(server.server.players.size).toBe(1)
  })

  it('by connect', async () => {
    await using server = new RawServer()
    const peer = server.peer('192.0.2.7').command(0, 'connect', 1, { app: name, tcUrl: `rtmp://h/${name}` })
    expect(await peer.rest()).toEqual([['_error', 0, 1, null, 'error NetConnection.Connect.InvalidApp']])
    expect(refusals(server)).toEqual([
      expect.objectContaining({
        message: 'connect refused',
        remote: '192.0.2.7:0',
        code: 'NetConnection.Connect.InvalidApp',
        reason: expect.stringContaining(words),
      }),
    ])
  })

  it('but not by what only announces it, which is answered as ever', async () => {
    await using server = new RawServer()
    const peer = await withStream(server)
    for (const [index, command] of ['releaseStream', 'FCPublish', 'FCSubscribe', 'getStreamLength'].entries()) {
      const replies = await peer.command(0, command, 10 + index, null, name).replies()
      expect(replies.map(([reply]) => reply)).toContain('_result')
    }
  })
})

it('a publish without a key is told how the URL should look', async () => {
  await using server = new RawServer()
  const peer = await withStream(server)
  peer.command(1, 'publish', 0, null, '')
  expect(await peer.rest()).toEqual([['onStatus', 1, 0, null, 'error NetStream.Publish.BadName']])
  expect(refusals(server)).toMatchObject([
    { stream: '', reason: 'the stream key is missing: the URL should end in it, like rtmp://host/live/KEY' },
  ])
})

it('a key that was pasted with blanks or a line end is that key', async () => {
  await using server = new RawServer()
  const publisher = server.peer()
  await publisher.publish(' key\r\n', 'live\n')
  const stream = server.server.streams.get('live', 'key')
  expect(stream?.isPublishing).toBe(true)
  await server.peer().play('\tkey')
  expect(stream?.consumerCount).toBe(1)
  await publisher.command(0, 'FCUnpublish', 0, null, ' key\r\n').replies()
  expect(stream?.isPublishing).toBe(false)
})

describe('every refusal by a plugin is one line of the log', () => {
  const denial: Denial = deny('App.No', 'wrong key')

  it.each<[what: string, hook: keyof Plugin, app: string, name: string]>([
    ['connect', 'onConnect', 'live?key=s3cret', ''],
    ['connect', 'onConnectAccepted', 'live?key=s3cret', ''],
    ['publish', 'onPublish', 'live', 'cam?key=s3cret'],
    ['publish', 'onPublishAccepted', 'live', 'cam?key=s3cret'],
    ['play', 'onPlay', 'live', 'cam&key=s3cret'],
    ['play', 'onPlayAccepted', 'live', 'cam?key=s3cret'],
  ])('%s by %s', async (what, hook, app, name) => {
    await using server = new RawServer({ plugins: [{ name: 'guard', [hook]: () => denial }] })
    const peer = server.peer('2001:db8::7').command(0, 'connect', 1, { app }).command(0, 'createStream', 2, null)
    if (what !== 'connect') peer.command(1, what, 0, null, name)
    await peer.rest()
    const [line, ...others] = refusals(server)
    expect(others).toEqual([])
    expect(line).toEqual({
      level: 'info',
      message: `${what} refused`,
      connection: expect.any(String),
      remote: '2001:db8::7:0',
      transport: 'memory',
      app: 'live',
      ...(what !== 'connect' && { stream: 'cam' }),
      plugin: 'guard',
      code: 'App.No',
      reason: 'wrong key',
    })
    expect(JSON.stringify(server.log.lines)).not.toContain('s3cret')
  })

  it('play2', async () => {
    const onPlay = ({ streamName }: { streamName: string }) => (streamName === 'cam' ? denial : undefined)
    await using server = new RawServer({ plugins: [{ name: 'guard', onPlay }] })
    const peer = server.peer()
    await peer.play('first')
    peer.command(1, 'play2', 0, null, { streamName: 'cam?key=s3cret' })
    await peer.rest()
    expect(refusals(server)).toMatchObject([
      { message: 'play2 refused', stream: 'cam', plugin: 'guard', code: 'App.No' },
    ])
    expect(JSON.stringify(server.log.lines)).not.toContain('s3cret')
  })

  it('that fails, beside the line about the fault', async () => {
    const onPublish = () => Promise.reject(new Error('boom'))
    await using server = new RawServer({ plugins: [{ name: 'guard', onPublish }] })
    const peer = await withStream(server)
    peer.command(1, 'publish', 0, null, 'cam')
    await peer.rest()
    expect(refusals(server)).toMatchObject([{ plugin: 'guard', code: 'NetStream.Failed', reason: 'internal error' }])
    expect(server.log.at('error')).toHaveLength(1)
  })
})

it('a busy name is a refusal by the server itself', async () => {
  await using server = new RawServer()
  await server.peer().publish('cam')
  const second = await withStream(server)
  second.command(1, 'publish', 0, null, 'cam?key=s3cret')
  await second.rest()
  const [line, ...others] = refusals(server)
  expect(line).toMatchObject({ app: 'live', stream: 'cam', code: 'NetStream.Publish.BadName' })
  expect(line).not.toHaveProperty('plugin')
  expect(others).toEqual([])
})

it.each(['?key=s3cret', 'cam;s3cret', 'cam%3fs3cret'])(
  'what is said of %j does not repeat it in the log',
  async name => {
    using clock = new VirtualClock()
    await using server = new RawServer({ publishWait: 500 })
    await server.peer().publish(name)
    const second = await withStream(server)
    second.command(1, 'publish', 0, null, name)
    await second.rest()
    expect(refusals(server)).toMatchObject([
      { reason: expect.stringMatching(/^(cam|\?…) is being published already$/) },
    ])
    await server.peer().play(`${name}2`)
    await clock.advance(500)
    expect(server.log.lines).toContainEqual(
      expect.objectContaining({ message: 'play ended', reason: expect.stringMatching(/^nobody publishes (cam|\?…)$/) }),
    )
    expect(JSON.stringify(server.log.lines)).not.toContain('s3cret')
  },
)

describe('further fields of a denial', () => {
  const ex = { code: 302, redirect: 'rtmp://other.example/live' } as const
  const denial = deny('NetConnection.Connect.Rejected', 'moved', { ex })

  it.each<[string, keyof Plugin]>([
    ['connect', 'onConnect'],
    ['publish', 'onPublish'],
    ['play', 'onPlay'],
  ])('reach the client that asks to %s', async (what, hook) => {
    await using server = new RawServer({ plugins: [{ name: 'guard', [hook]: () => denial }] })
    const peer = server.peer()
    if (what === 'connect') peer.command(0, 'connect', 1, { app: 'live' })
    else (await peer.connect()).command(0, 'createStream', 2, null).command(1, what, 0, null, 'name')
    const payloads: Buffer[] = []
    for await (const { payload } of peer.messages) payloads.push(payload)
    const info = { level: 'error', code: 'NetConnection.Connect.Rejected', description: 'moved', ex }
    const expected = what === 'connect' ? encodeAmf0('_error', 1, null, info) : encodeAmf0('onStatus', 0, null, info)
    expect(payloads.at(-1)).toEqual(expected)
  })

  it.each([
    ['a code', { code: 'x' }],
    ['a level', { level: 'status' }],
    ['what can not be sent', { ex: { code: 302, redirect: () => 'x' } }],
  ])('may not be %s', (_what, info) => {
    expect(() => deny('App.No', 'no', info as never)).toThrow(expect.objectContaining({ code: 'RTMP_ERR_USAGE' }))
  })

  it('that can not be sent are a fault of the plugin that made them by hand', async () => {
    const onPublish = () => ({ ...deny('App.No', 'no'), info: { level: 'status' } }) as never
    await using server = new RawServer({ plugins: [{ name: 'guard', onPublish }] })
    const peer = await withStream(server)
    peer.command(1, 'publish', 0, null, 'cam')
    expect(await peer.rest()).toEqual([['onStatus', 1, 0, null, 'error NetStream.Failed']])
    expect(server.log.at('error')).toMatchObject([{ plugin: 'guard' }])
  })
})
