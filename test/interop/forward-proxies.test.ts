import { hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { inspect } from 'node:util'
import { createSelfSignedCertificate } from '@rtmpipe/transport-tls'
import { connect, FlvDemuxStage, MessageType, type ConnectOptions } from 'rtmpipe'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FakeProxy } from '../../packages/net/test/support/fake-proxy.ts'
import { ForwardProxy, type ForwardProxyName, type Login } from '../support/forward-proxy.ts'
import { liveRecipe, makeMedia, tinyRecipe } from '../support/media.ts'
import { fileHashes } from '../support/packets.ts'
import { requireClient } from '../support/programs.ts'
import { publishWithRtmpipe } from '../support/publish-with-rtmpipe.ts'
import { run, RunningProgram } from '../support/running-program.ts'
import { command, schemes, type Scheme, ServerProcess } from '../support/server-process.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { words } from '../support/words.ts'

const login: Login = { user: 'anna', password: 'se-cret-4711' }

const proxies: readonly [name: ForwardProxyName, login: Login | undefined][] = [
  ['squid', undefined],
  ['squid', login],
  ['tinyproxy', undefined],
  ['tinyproxy', login],
  ['microsocks', undefined],
  ['microsocks', login],
]

let server: ServerProcess
beforeAll(async () => {
  server = await ServerProcess.start()
})
afterAll(() => server.stop())

describe.concurrent.each(proxies)('through %s, login %j', (name, account) => {
  it('publishers and players get over every transport what was sent, bit by bit', async context => {
    await requireClient(context, name)
    const { file } = await makeMedia(liveRecipe)
    const sent = await mediaOf(createReadStream(file).pipe(new FlvDemuxStage()))
    await using proxy = await ForwardProxy.start(name, account)
    for (const scheme of schemes) {
      const options = { insecure: true, proxy: proxy.url }
      const url = `${server.urls[scheme]}/${name}-${account === undefined ? 'open' : 'login'}`
      const playing = await play(url, scheme, options, sent.length)
      await publishWithRtmpipe(file, url, scheme, options)
      expect(await playing.received, `${scheme} through ${name}`).toEqual(sent)
    }
    for (const scheme of schemes) await proxy.saw(asked(name, scheme, server))
  })
})

describe.concurrent.each(['squid', 'tinyproxy', 'microsocks'] as const)('%s', name => {
  it('the commands go by it, told by an option or by the environment', async context => {
    await requireClient(context, name, 'ffmpeg')
    const { file } = await makeMedia(liveRecipe)
    await using folder = await TemporaryFolder.create()
    await using proxy = await ForwardProxy.start(name, login)
    const output = folder.file('played.flv')
    const url = `${server.urls.rtmpt}/commands/${name}`
    await using player = new RunningProgram({
      name: 'rtmpipe play',
      file: process.execPath,
      args: words`${command} play ${url} -o ${output}`,
      env: name === 'microsocks' ? { ALL_PROXY: proxy.url } : { http_proxy: proxy.url },
    })
    await server.program.waitForLine(new RegExp(`"commands","stream":"${name}".*play started`))
    await using publisher = new RunningProgram({
      name: 'rtmpipe publish',
      file: process.execPath,
      args: words`${command} publish --no-realtime --insecure --proxy ${proxy.url} ${file} ${server.urls.rtmpts}/commands/${name}`,
      // The option is stronger.
      env: { NO_PROXY: '*' },
    })
    await publisher.finish()
    await player.finish()
    expect(await fileHashes(output)).toEqual(await fileHashes(file))
    for (const scheme of ['rtmpt', 'rtmpts'] as const) await proxy.saw(asked(name, scheme, server))
  })

  it('that is killed and started again ends no tunnel through it', async context => {
    await requireClient(context, name)
    const { file } = await makeMedia(liveRecipe)
    const sent = await mediaOf(createReadStream(file).pipe(new FlvDemuxStage()))
    await using proxy = await ForwardProxy.start(name, login)
    const options = { insecure: true, proxy: proxy.url }
    const app = `again-${name}`
    const playing = await play(`${server.urls.rtmpts}/${app}`, 'show', options, sent.length)
    await using client = await connect(`${server.urls.rtmpt}/${app}`, options)
    const publisher = await client.publish('show')
    let written = 0
    for await (const message of createReadStream(file).pipe(new FlvDemuxStage())) {
      await new Promise<void>((resolve, reject) => {
        publisher.write(message, error => (error ? reject(error) : resolve()))
      })
      written += 1
      if (written % 100 === 0) await proxy.restart(written)
    }
    expect(await playing.received).toEqual(sent)
  })

  it('relays push and pull', async context => {
    await requireClient(context, name)
    const { file } = await makeMedia(liveRecipe)
    const sent = await mediaOf(createReadStream(file).pipe(new FlvDemuxStage()))
    await using folder = await TemporaryFolder.create()
    await using proxy = await ForwardProxy.start(name, login)
    const config = folder.file('rtmpipe.config.json')
    const push = { to: [`${server.urls.rtmpt}/pushed-${name}`], proxy: proxy.url }
    const pull = { from: `${server.urls.rtmp}/{app}/{stream}`, proxy: proxy.url }
    await writeFile(config, JSON.stringify({ relay: { push, pull } }))
    await using near = await ServerProcess.start({ args: ['--config', config] })
    const pushed = await play(`${server.urls.rtmp}/pushed-${name}`, 'one', {}, sent.length)
    await using client = await connect(`${near.urls.rtmp}/live`)
    const publisher = await client.publish('one')
    let written = 0
    for await (const message of createReadStream(file).pipe(new FlvDemuxStage())) {
      publisher.write(message)
      written += 1
      // Less than a group of pictures, which the push begins with.
      if (written === 12) await server.program.waitForLine(new RegExp(`"app":"pushed-${name}".*publish started`))
    }
    expect(byType(await pushed.received)).toEqual(byType(sent))
    await new Promise<void>(resolve => void publisher.end(resolve))
    const pulled = await play(`${near.urls.rtmp}/source-${name}`, 'two', {}, sent.length)
    await server.program.waitForLine(new RegExp(`"app":"source-${name}".*play started`))
    await publishWithRtmpipe(file, `${server.urls.rtmp}/source-${name}`, 'two')
    expect(contents(await pulled.received)).toEqual(contents(sent))
    for (const scheme of ['rtmpt', 'rtmp'] as const) await proxy.saw(asked(name, scheme, server))
    await near.stop()
  })

  it('that refuses a login is named, and the password is not', async context => {
    await requireClient(context, name)
    await using proxy = await ForwardProxy.start(name, login)
    const wrong = proxy.url.replace(login.password, 'wrong-4711')
    for (const [url, message] of [
      [wrong, /does not take this name and password/],
      [proxy.url.replace(/\/\/.*@/, '//'), /wants a login/],
    ] as const) {
      for (const scheme of schemes) {
        const error = await connect(`${scheme}://127.0.0.1:9/live`, { proxy: url }).catch((reason: Error) => reason)
        expect(error).toMatchObject({ code: 'RTMP_ERR_PROXY_LOGIN', message: expect.stringMatching(message) })
        expect(inspect(error)).not.toMatch(/wrong-4711/)
      }
    }
  })
})

it.concurrent('a proxy that is spoken to over TLS is verified, and TLS goes inside of it', async context => {
  await requireClient(context, 'ffmpeg')
  const { file } = await makeMedia(tinyRecipe)
  const sent = await mediaOf(createReadStream(file).pipe(new FlvDemuxStage()))
  const tls = await createSelfSignedCertificate({ hosts: ['localhost'] })
  await using folder = await TemporaryFolder.create()
  await writeFile(folder.file('proxy.pem'), tls.cert)
  await using proxy = await FakeProxy.http({ tls, login })
  const env = {
    ALL_PROXY: `https://anna:${login.password}@localhost:${proxy.port}`,
    NODE_EXTRA_CA_CERTS: folder.file('proxy.pem'),
  }
  for (const scheme of schemes) {
    const url = `${server.urls[scheme]}/live`
    const playing = await play(`${server.urls.rtmp}/live`, scheme, {}, sent.length)
    const args = words`${command} publish --no-realtime --insecure ${file} ${url}/${scheme}`
    await run(process.execPath, args, { env })
    expect(await playing.received, scheme).toEqual(sent)
    const { host } = new URL(url.replace(/^rtmpt?s?/, 'http'))
    expect(
      proxy.asked.some(each => each.includes(host)),
      scheme,
    ).toBe(true)
  }
  // Whom nobody vouches for is told nothing, `--insecure` or not.
  const before = proxy.asked.length
  const args = words`${command} publish --no-realtime --insecure ${file} ${server.urls.rtmpt}/live/x`
  await expect(run(process.execPath, args, { env: { ALL_PROXY: env.ALL_PROXY } })).rejects.toThrow(/self-signed/)
  expect(proxy.asked.length).toBe(before)
})

/** What the log says of a client that went by the proxy. */
function asked(name: ForwardProxyName, scheme: Scheme, server: ServerProcess): RegExp {
  const { port } = new URL(server.urls[scheme].replace(/^rtmpt?s?/, 'http'))
  if (name === 'microsocks') return new RegExp(`connected to 127\\.0\\.0\\.1:${port}`)
  return scheme === 'rtmpt'
    ? new RegExp(`POST http://127\\.0\\.0\\.1:${port}/`)
    : new RegExp(`CONNECT 127\\.0\\.0\\.1:${port}`)
}

/** Headers that came before are sent anew, in another order. */
function byType(media: readonly Media[]): readonly Media[] {
  return media.toSorted((one, other) => one.type - other.type)
}

/** Without the times: what is pulled has those of the player. */
function contents(media: readonly Media[]): readonly string[] {
  return media.map(({ type, payload }) => `${type} ${payload}`)
}

interface Media {
  readonly type: number
  readonly timestamp: number
  /** Its MD5. */
  readonly payload: string
}

async function mediaOf(messages: AsyncIterable<unknown>, count = Infinity): Promise<Media[]> {
  const found: Media[] = []
  for await (const message of messages) {
    const {
      messageTypeId: type,
      timestamp,
      payload,
    } = message as {
      messageTypeId: number
      timestamp: number
      payload: Uint8Array
    }
    if (type !== MessageType.Audio && type !== MessageType.Video) continue
    found.push({ type, timestamp, payload: hash('md5', payload) })
    if (found.length === count) break
  }
  return found
}

/** Plays until so many messages of audio and video have come. */
async function play(
  url: string,
  streamName: string,
  options: ConnectOptions,
  count: number,
): Promise<{ received: Promise<Media[]> }> {
  const client = await connect(url, options)
  const stream = await client.play(streamName)
  const received = async () => {
    const media = await mediaOf(stream, count)
    await client.close()
    return media
  }
  return { received: received() }
}
