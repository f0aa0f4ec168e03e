import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import type { PublishInfo } from '@rtmpipe/session'
import { sampleStream, take, TestServer } from '@rtmpipe/testing'
import { Readable } from 'readable-stream'
import { describe, expect, it } from 'vitest'
import { httpCallback, type HttpCallbackOptions } from '../../src/auth/index.ts'
import { record } from '../../src/record/index.ts'
import { temporaryFolder } from '../record/support/folder.ts'
import { CallbackServer } from './support/callback-server.ts'

type Format = NonNullable<HttpCallbackOptions['format']>

function updating(web: CallbackServer, format: Format = 'nginx-rtmp'): TestServer {
  const update = { url: `${web.url}/update`, interval: 20 }
  return new TestServer({ plugins: [httpCallback({ url: {}, format, update })] })
}

describe('on_update', () => {
  it('asks about publishers and players with their time, in the words of nginx-rtmp', async () => {
    await using web = await CallbackServer.start()
    await using server = updating(web)
    const publisher = await server.publish('live/cam?token=abc&x=1')
    const player = await server.play('live/cam?viewer=v1')
    const messages = sampleStream(10)
    for (const message of messages) publisher.write(message)
    await take(player, messages.length)
    const { length } = web.received
    await web.heard(length + 6)
    const last = messages.at(-1)?.timestamp
    const bodies = web.bodies
      .slice(length + 2)
      .map(body => body.replace(/^.*&clientid=\d&/, '').replace(/&time=\d+/, '&time=T'))
    expect(new Set(bodies)).toEqual(
      new Set([
        `call=update_publish&time=T&timestamp=${last}&name=cam&token=abc&x=1`,
        `call=update_play&time=T&timestamp=${last}&name=cam&viewer=v1`,
      ]),
    )
  })

  it('says the same in JSON', async () => {
    await using web = await CallbackServer.start()
    await using server = updating(web, 'rtmpipe')
    await server.publish('live/cam')
    await web.heard(1)
    expect(JSON.parse(web.bodies[0] ?? '')).toMatchObject({
      action: 'publishUpdate',
      stream: 'cam',
      time: expect.any(Number),
      timestamp: 0,
    })
  })

  it.each(['publish', 'play'] as const)('a refusal ends a %s with a status', async action => {
    await using web = await CallbackServer.start()
    web.answer = () => ({ status: web.received.length < 3 ? 200 : 403 })
    await using server = updating(web)
    const stream = await server[action]('live/cam')
    const [error] = (await once(stream, 'error')) as [{ statusCode: string; description: string }]
    expect(error.statusCode).toBe(action === 'publish' ? 'NetStream.Publish.Denied' : 'NetStream.Play.Failed')
    expect(error.description).toBe('not allowed any more')
    expect(web.received).toHaveLength(3)
  })

  it('no answer ends nobody', async () => {
    await using web = await CallbackServer.start()
    web.answer = () => 'reset'
    await using server = updating(web)
    const publisher = await server.publish('live/cam')
    // Twice for each question.
    await web.heard(6)
    expect(publisher.destroyed).toBe(false)
  })

  it('asks one thing at a time, and nothing after the end', async () => {
    await using web = await CallbackServer.start()
    let answer: () => void = () => {}
    web.answer = () => new Promise(resolve => (answer = () => resolve({})))
    const server = updating(web)
    await server.publish('live/cam')
    await web.heard(1)
    // Many intervals of another stream go by.
    await server.publish('live/other')
    await web.heard(2)
    expect(web.bodies.filter(body => body.includes('name=cam'))).toHaveLength(1)
    answer()
    const closed = server[Symbol.asyncDispose]()
    answer()
    await closed
  })

  it('a refusal that comes after the end concerns nobody any more', async () => {
    await using web = await CallbackServer.start()
    let refuse: () => void = () => {}
    web.answer = ({ body }) =>
      body.includes('name=first') ? new Promise(resolve => (refuse = () => resolve({ status: 403 }))) : {}
    let tellEnd: () => void = () => {}
    const ended = new Promise<void>(resolve => (tellEnd = resolve))
    const callback = httpCallback({ url: {}, format: 'nginx-rtmp', update: { url: web.url, interval: 20 } })
    await using server = new TestServer({ plugins: [callback, { name: 'end', onPublishEnd: () => tellEnd() }] })
    const client = await server.connect('live')
    const first = await client.publish('first')
    await web.heard(1)
    first.end()
    await ended
    // What the connection asks for next waits for the answer.
    const publishing = client.publish('second')
    refuse()
    const second = await publishing
    await web.heard(2)
    expect(web.bodies[1]).toContain('name=second')
    expect([client.state, second.destroyed]).toEqual(['connected', false])
  })

  it('knows the time of a source of a player’s own', async () => {
    await using web = await CallbackServer.start()
    const update = { url: web.url, interval: 20 }
    const plugins = [
      httpCallback({ url: {}, format: 'nginx-rtmp', update }),
      { name: 'source', sourcePlay: () => ({ kind: 'private' as const, messages: Readable.from(sampleStream(200)) }) },
    ]
    await using server = new TestServer({ plugins })
    const player = await server.play('vod/film')
    await take(player, 5)
    const { length } = web.received
    await web.heard(length + 2)
    expect(web.bodies.at(-1)).toMatch(/call=update_play&time=\d+&timestamp=[1-9]\d*&name=film$/)
  })

  it.each<[Partial<HttpCallbackOptions>, string]>([
    [{ update: { url: 'http://h/' }, format: 'srs' }, 'this format knows no event update'],
    [{ update: { url: 'http://h/', interval: 0 } }, 'update.interval: 0 is no time'],
    [{ recorded: 'http://h/', format: 'mediamtx' }, 'this format knows no event recorded'],
    [{ method: 'GET' }, 'GET goes with the format nginx-rtmp alone'],
  ])('%j makes no sense', (options, message) => {
    expect(() => httpCallback({ url: {}, ...options })).toThrow(message)
  })
})

describe('notify_method get', () => {
  it('has the fields in the query, behind that of the URL', async () => {
    await using web = await CallbackServer.start()
    const url = { publish: `${web.url}/on?a=1`, play: `${web.url}/on` }
    await using server = new TestServer({ plugins: [httpCallback({ url, format: 'nginx-rtmp', method: 'GET' })] })
    await server.publish('live/cam?token=a b&ä=%20')
    await server.play('live/cam')
    expect(web.received.map(({ method, body }) => [method, body])).toEqual([
      ['GET', ''],
      ['GET', ''],
    ])
    const [publish = '', play = ''] = web.received.map(({ path }) => path)
    expect(publish).toMatch(/^\/on\?a=1&app=live&.*&call=publish&name=cam&type=live&token=a%20b&%C3%A4=%20$/)
    expect(play).toMatch(/^\/on\?app=live&.*&call=play&name=cam&start=4294965296&duration=0&reset=0$/)
  })
})

describe('the signature of a GET', () => {
  it('is of our fields as they cross the line', async () => {
    await using web = await CallbackServer.start()
    const callback = httpCallback({
      url: { publish: `${web.url}/on?a=1` },
      format: 'nginx-rtmp',
      method: 'GET',
      secret: 'between us',
    })
    await using server = new TestServer({ plugins: [callback] })
    await server.publish(`live/cam?token=a b&ä=%20&c="#'<>`)
    const [{ path, headers } = expect.unreachable()] = web.received
    const [, seconds = '', signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-rtmpipe-signature'])) ?? []
    const fields = path.slice(path.indexOf('&') + 1)
    expect(fields).toMatch(/&token=a%20b&%C3%A4=%20&c=%22%23%27%3C%3E$/)
    expect(signature).toBe(createHmac('sha256', 'between us').update(`${seconds}.${fields}`).digest('hex'))
  })
})

describe('a recorded file', () => {
  it.each<[Format, (file: string, info: PublishInfo) => RegExp]>([
    ['nginx-rtmp', file => new RegExp(`&call=record_done&recorder=all&name=cam&path=${file}&token=abc$`)],
    [
      'srs',
      (file, { connection }) =>
        new RegExp(
          `"action":"on_dvr","client_id":"${connection.id}","ip":"memory","vhost":"__defaultVhost__","app":"live",` +
            `"stream":"cam","param":"\\?token=abc","cwd":"${process.cwd()}","file":"${file}","stream_url":"/live/cam",` +
            '"stream_id":"vid-[0-9a-f]{7}"}$',
        ),
    ],
    ['rtmpipe', file => new RegExp(`^{"action":"recorded",.*"file":"${file}","duration":\\d+,"bytes":\\d+}$`)],
  ])('is told of in the words of %s', async (format, expected) => {
    await using web = await CallbackServer.start()
    const callback = httpCallback({ url: {}, format, recorded: `${web.url}/recorded` })
    const files: [file: string, publish: PublishInfo | undefined][] = []
    const recorder = record({
      dir: temporaryFolder(),
      onRecorded: file => {
        files.push([file.file, file.publish])
        expect(JSON.parse(JSON.stringify(file))).toMatchObject({ file: file.file, streamName: 'cam' })
        return callback.recorded(file)
      },
    })
    await using server = new TestServer({ plugins: [callback, recorder] })
    const publisher = await server.publish('live/cam?token=abc')
    for (const message of sampleStream(5)) publisher.write(message)
    publisher.end()
    await web.heard(1)
    const [[file, publish] = expect.unreachable()] = files
    expect(web.bodies[0]).toMatch(expected(file, publish ?? expect.unreachable()))
    await callback.recorded({ file, duration: 1, bytes: 1, publish: undefined })
    expect(web.bodies).toHaveLength(1)
  })
})
