import { once } from 'node:events'
import { watch as watchFolder } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net'
import { EcmaArray, encodeAmf0 } from '@rtmpipe/amf'
import { metadataOf } from '@rtmpipe/flv'
import { authmod } from '@rtmpipe/plugins/auth'
import { sampleStream, take } from '@rtmpipe/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../../../../test/support/temporary-folder.ts'
import { connect, deny, type PublishEvent, type RtmpMessage, status } from '../../src/index.ts'
import { failureHere, failureOf, freePort, rtmpipe } from '../support/command.ts'
import { readFlv, writeFlv } from '../support/flv.ts'
import { AllSchemes, schemes } from '../support/all-schemes.ts'
import { essence } from '../support/messages.ts'
import { Watch } from '../support/watch.ts'

const watch = new Watch()
const onPublish = ({ streamName }: PublishEvent) =>
  streamName === 'forbidden' ? deny('NetStream.Publish.Denied', 'wrong key') : undefined

let server: AllSchemes
let folder: TemporaryFolder
/** Half a second of media. */
let file: string
let source: readonly RtmpMessage[]
let duration: number

beforeAll(async () => {
  server = await AllSchemes.listen({ plugins: [watch, { name: 'gate', onPublish }] })
  folder = await TemporaryFolder.create()
  file = folder.file('source.flv')
  await writeFlv(file, sampleStream(12, 5))
  source = await readFlv(file)
  duration = source.at(-1)?.timestamp ?? Number.NaN
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  await folder?.[Symbol.asyncDispose]()
})

describe('rtmpipe publish and rtmpipe play', () => {
  it.concurrent.each(schemes)('relay a file over %s, message for message', async scheme => {
    const url = `${server.urls[scheme]}/file-${scheme}?key=1`
    const copy = folder.file(`${scheme}.flv`)
    const played = watch.played(`file-${scheme}`)
    await using player = rtmpipe('play', url, '--insecure', '-o', copy)
    await played
    await using publisher = rtmpipe('publish', file, url, '--insecure', '--no-realtime')
    const published = await publisher.finish(0)
    expect(published).toMatchObject({
      stdout: [],
      stderr: [expect.stringMatching(/^rtmpipe: publishing ended after /)],
    })
    // The stream has ended, and so does the player.
    const finished = await player.finish(0)
    expect(finished).toMatchObject({ stdout: [], stderr: [expect.stringMatching(/^rtmpipe: playing ended after /)] })
    expect(essence(await readFlv(copy))).toEqual(essence(source))
  })

  it.concurrent('come another way where the URL leads nowhere, and say which', async () => {
    const url = `rtmp://127.0.0.1:${await freePort()}/live/fallen-back`
    const list = `rtmps:${new URL(server.urls.rtmps).port},${server.urls.rtmpt.replace('/live', '')}`
    const copy = folder.file('fallen-back.flv')
    const played = watch.played('fallen-back')
    await using player = rtmpipe('play', '--fallback', list, url, '--insecure', '-o', copy)
    await played
    // The certificate is not trusted here, and the tunnel has none.
    await using publisher = rtmpipe('publish', file, url, `--fallback=${list}`, '--no-realtime')
    const port = (scheme: 'rtmps' | 'rtmpt') => `${scheme}://127.0.0.1:${new URL(server.urls[scheme]).port}`
    const refused = String.raw`rtmp: connect ECONNREFUSED 127\.0\.0\.1:\d+`
    const { stderr: published } = await publisher.finish(0)
    expect(published[0]).toMatch(
      new RegExp(
        String.raw`^rtmpipe: connected by ${port('rtmpt')} \(${refused}, rtmps: (self-signed certificate|no answer in \d+ ms)\)$`,
      ),
    )
    const { stderr: received } = await player.finish(0)
    expect(received[0]).toMatch(new RegExp(String.raw`^rtmpipe: connected by ${port('rtmps')} \(${refused}\)$`))
    expect(essence(await readFlv(copy))).toEqual(essence(source))
  })

  it.concurrent('publish at the pace of the media, again and again until Ctrl+C, and play for a while', async () => {
    const rounds = 3
    const url = `${server.urls.rtmp}/looped`
    await using client = await connect(server.urls.rtmp)
    const player = await client.play('looped')
    const published = watch.published('looped')
    await using publisher = rtmpipe('publish', file, url, '--loop')
    await published
    const started = performance.now()
    const got = await take(player, rounds * source.length)
    const period = duration + 40
    expect(performance.now() - started).toBeGreaterThan((rounds - 1) * period)
    const expected = Array.from({ length: rounds }, (_, round) =>
      source.map(message => ({ ...message, timestamp: message.timestamp + round * period })),
    )
    expect(essence(got)).toEqual(essence(expected.flat()))

    player.resume()
    const part = folder.file('part.flv')
    await using playing = rtmpipe('play', url, '--duration', '0.6', '-o', part)
    await playing.finish(0)
    // Headers, which bear the time of what went before them, count as well.
    const length = (await readFlv(part)).at(-1)?.timestamp
    expect(length).toBeGreaterThan(500)
    expect(length).toBeLessThan(700)

    const ended = once(player, 'end')
    publisher.kill('SIGINT')
    await publisher.finish(0)
    await ended
  })

  it.concurrent('publish a file whose index of keyframes is long, without it', async () => {
    const long = folder.file('long.flv')
    const times = Array.from({ length: 8_000 }, (_, index) => index)
    const keyframes = { times, filepositions: times }
    const metadata = {
      messageTypeId: 18,
      messageStreamId: 0,
      timestamp: 0,
      payload: Buffer.from(encodeAmf0('onMetaData', new EcmaArray({ width: 640, keyframes, height: 360 }))),
    }
    await writeFlv(long, [metadata, ...source])
    await using client = await connect(server.urls.rtmp)
    const player = await client.play('long')
    await using publisher = rtmpipe('publish', long, `${server.urls.rtmp}/long`, '--no-realtime')
    const [first] = await take(player, 1 + source.length)
    await publisher.finish(0)
    expect(metadataOf(first?.payload ?? Buffer.alloc(0))).toEqual({ width: 640, height: 360 })
  })

  it.concurrent('log in with the name and the password of the URL', async () => {
    const users = { 'a@b': 'p@s:s/w' }
    await using guarded = await AllSchemes.listen({ plugins: [authmod({ users })] })
    const url = guarded.urls.rtmp.replace('://', '://a%40b:p@s:s%2Fw@')
    await using publisher = rtmpipe('publish', file, `${url}/name`, '--no-realtime')
    await publisher.finish(0)
  })

  it.concurrent('play until Ctrl+C', async () => {
    const none = folder.file('none.flv')
    const played = watch.played('nobody')
    await using player = rtmpipe('play', `${server.urls.rtmpt}/nobody`, '-o', none)
    await played
    player.kill('SIGINT')
    await player.finish(0)
    expect(await readFlv(none)).toEqual([])
    expect((await readFile(none)).toString('latin1', 0, 3)).toBe('FLV')
  })
})

describe('what fails on the way is one line, and exit code 1', () => {
  it.concurrent('nobody listens', async () => {
    const port = await freePort()
    const line = `rtmpipe: connect ECONNREFUSED 127.0.0.1:${port}`
    expect(await failureOf(1, 'publish', file, `rtmp://127.0.0.1:${port}/live/name`)).toBe(line)
  })

  it.concurrent('the server ends the publish', async () => {
    const published = watch.published('unwanted')
    const failure = failureOf(1, 'publish', file, `${server.urls.rtmp}/unwanted`, '--loop')
    const publish = await published
    publish.end()
    expect(await failure).toBe('rtmpipe: the server ended the publish')
  })

  it.concurrent('the server says why it leaves, in a status that is no error', async () => {
    const watch = new Watch()
    await using leaving = await AllSchemes.listen({ plugins: [watch] })
    const published = watch.published('left')
    const failure = failureOf(1, 'publish', file, `${leaving.urls.rtmp}/left`, '--loop')
    const publish = await published
    publish.tell(status('NetStream.Record.DiskQuotaExceeded', 'the disk is full'))
    publish.connection.end()
    expect(await failure).toBe('rtmpipe: the server ended the publish: the disk is full')
  })

  it.concurrent('the server closes without a word', async () => {
    const { port, hostname } = new URL(server.urls.rtmp)
    const line = createServer(socket => {
      const onward = createConnection(Number(port), hostname)
      socket
        .on('error', () => {})
        .pipe(onward)
        .on('error', () => {})
        .pipe(socket)
    }).listen(0, '127.0.0.1')
    await once(line, 'listening')
    const cut = once(line, 'connection')
    const published = watch.published('cut')
    const url = `rtmp://127.0.0.1:${(line.address() as AddressInfo).port}/live/cut`
    const failure = failureOf(1, 'publish', file, url, '--loop')
    const [[socket]] = await Promise.all([cut, published])
    ;(socket as Socket).resetAndDestroy()
    expect(await failure).toBe('rtmpipe: the server closed the connection, and gave no reason')
    line.close()
  })

  it.concurrent('the server goes', async () => {
    const watch = new Watch()
    await using going = await AllSchemes.listen({ plugins: [watch] })
    await using folder = await TemporaryFolder.create()
    const published = watch.published('going')
    const publishing = failureOf(1, 'publish', file, `${going.urls.rtmp}/going`, '--loop')
    await take((await published).stream.subscribe(), 1)
    // A player shows that it has begun by its file alone.
    const begun = once(watchFolder(folder.path), 'change')
    const playing = failureOf(1, 'play', `${going.urls.rtmp}/going-nowhere`, '-o', folder.file('copy.flv'))
    await begun
    await going.server.close()
    for (const failure of [publishing, playing]) {
      expect(await failure).toBe('rtmpipe: NetConnection.Connect.AppShutdown: the server is shutting down')
    }
  })

  it('the certificate cannot be verified', async () => {
    expect(await failureHere(1, 'play', `${server.urls.rtmps}/name`)).toMatch(/^rtmpipe: self-signed certificate/)
  })

  it('no way leads to a server', async () => {
    const [one, two] = [await freePort(), await freePort()]
    const line = await failureHere(
      1,
      'play',
      `rtmp://127.0.0.1:${one}/live/name?key=s3cret`,
      '--fallback',
      `rtmpt:${two}`,
    )
    expect(line).toMatch(/^rtmpipe: no server answered: rtmp:\/\/\S+ connect ECONNREFUSED .*; rtmpt:.*rtmpts:8443$/)
    expect(line).not.toContain('s3cret')
  })

  it('the server refuses', async () => {
    const line = 'rtmpipe: NetStream.Publish.Denied: wrong key'
    expect(await failureHere(1, 'publish', file, `${server.urls.rtmpt}/forbidden`)).toBe(line)
  })
})

describe('files that will not do are one line, and exit code 2', () => {
  it('what is not FLV', async () => {
    const text = folder.file('text.flv')
    await writeFile(text, 'once upon a time')
    const line = `rtmpipe: can't publish ${text}: the file begins with 0x6f6e63, not with "FLV"`
    expect(await failureHere(2, 'publish', text, `${server.urls.rtmp}/text`)).toBe(line)
  })

  it('what is empty, looped or not', async () => {
    const empty = folder.file('empty.flv')
    await writeFlv(empty, [])
    const line = `rtmpipe: ${empty} holds nothing to publish`
    expect(await failureHere(2, 'publish', empty, `${server.urls.rtmp}/empty`, '--loop')).toBe(line)
  })

  it('what cannot be written', async () => {
    const nowhere = folder.file('nowhere/copy.flv')
    const line = await failureHere(2, 'play', `${server.urls.rtmp}/name`, '-o', nowhere)
    expect(line).toMatch(/^rtmpipe: can't write .*\/nowhere\/copy\.flv: ENOENT/)
  })
})
