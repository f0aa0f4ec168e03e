import { publisherReturn } from '@rtmpipe/plugins/publisher-return'
import { relayPull, relayPush, type RelayState } from '@rtmpipe/plugins/relay'
import { connect, createServer, type Listener, type Plugin, type Server, tcp } from 'rtmpipe'
import { expect, test } from 'vitest'
import { playWithFfmpeg, publishWithFfmpeg } from '../support/clients.ts'
import { liveRecipe, makeMedia } from '../support/media.ts'
import { startNginxRtmp } from '../support/nginx-rtmp.ts'
import { parseFramehash } from '../support/packets.ts'
import { requireClient } from '../support/programs.ts'
import { expectRelayed } from '../support/relayed.ts'
import { ServerProcess } from '../support/server-process.ts'

const soon = { min: 50, max: 50 }

/** Listens on a free port, or on that one. */
async function listen(plugins: readonly Plugin[], port = 0): Promise<{ server: Server; port: number }> {
  const server = createServer({ transports: [tcp({ port })], plugins })
  const [{ address }] = (await server.listen()) as [Listener]
  return { server, port: address.port }
}

/** Resolves when a relay is in that state. */
function inState(relay: ReturnType<typeof relayPush> | ReturnType<typeof relayPull>, state: RelayState): Promise<void> {
  return new Promise(resolve => {
    relay.on('state', status => {
      if (status.state === state) resolve()
    })
  })
}

test.concurrent('ffmpeg to us, pushed to a second server of ours by the command, to ffmpeg', async context => {
  await requireClient(context, 'ffmpeg')
  const media = await makeMedia(liveRecipe)
  await using there = await ServerProcess.start()
  await using here = await ServerProcess.start({ args: ['--push', `${there.urls.rtmp}/copy`] })
  await using player = playWithFfmpeg('ffmpeg', `${there.urls.rtmp}/copy/show`)
  await player.playing()
  await using publisher = publishWithFfmpeg('ffmpeg', media.file, `${here.urls.rtmp}/live/show`)
  await publisher.finish()
  expectRelayed(await player.finish(), media, { fromStart: true })
})

test.concurrent('ffmpeg to us, pushed over rtmp, rtmps and rtmpt, chosen while it runs, each with its state', async context => {
  await requireClient(context, 'ffmpeg')
  const media = await makeMedia(liveRecipe)
  await using there = await ServerProcess.start()
  const relay = relayPush({ connect: (url, options) => connect(url, { ...options, insecure: true }) })
  const { server: here, port } = await listen([relay])
  await using _ = here
  const schemes = ['rtmp', 'rtmps', 'rtmpt'] as const
  const players = await Promise.all(
    schemes.map(async scheme => playWithFfmpeg('ffmpeg', `${there.urls.rtmp}/copy/${scheme}`)),
  )
  await Promise.all(players.map(player => player.playing()))
  await using publisher = publishWithFfmpeg('ffmpeg', media.file, `rtmp://127.0.0.1:${port}/live/show`)
  await publisher.published(1)
  const allIn = (wanted: RelayState): Promise<void> =>
    new Promise(resolve => {
      const urls = new Set<string>()
      relay.on('state', ({ url, state }) => {
        if (state === wanted && urls.add(url).size === schemes.length) resolve()
      })
    })
  const allLive = allIn('live')
  for (const scheme of schemes) relay.add('live', 'show', `${there.urls[scheme]}/copy/${scheme}`)
  await allLive
  expect(relay.destinations.map(({ state, url }) => [state, url])).toEqual(
    schemes.map(scheme => ['live', `${there.urls[scheme]}/copy/${scheme}`]),
  )
  const allIdle = allIn('idle')
  await publisher.finish()
  for (const player of players) {
    expectRelayed(await player.finish(), media, { fromStart: false })
    await player[Symbol.asyncDispose]()
  }
  await allIdle
  expect(relay.destinations.map(({ state }) => state)).toEqual(['idle', 'idle', 'idle'])
})

test.concurrent('ffmpeg to us, with keys that are a query and a query before the key, pushed on by them, to ffmpeg', async context => {
  await requireClient(context, 'ffmpeg')
  const media = await makeMedia(liveRecipe)
  await using there = await ServerProcess.start()
  const relay = relayPush({ connect })
  const { server: here, port } = await listen([relay])
  await using _ = here
  const paths = ['live-bvc/?streamname=show_1&key=abc', 'live2?backup=1/abcd-efgh'] as const
  for (const path of paths) {
    await using player = playWithFfmpeg('ffmpeg', `${there.urls.rtmp}/${path}`)
    await player.playing()
    const [app] = path.split(/[/?]/, 1)
    const name = path.includes('/?') ? path.slice(path.indexOf('?')) : path.slice(path.indexOf('/') + 1)
    relay.add(app ?? '', name, `${there.urls.rtmp}/${path}`)
    await using publisher = publishWithFfmpeg('ffmpeg', media.file, `rtmp://127.0.0.1:${port}/${path}`)
    await publisher.finish()
    expectRelayed(await player.finish(), media, { fromStart: true })
  }
})

test.concurrent('ffmpeg to us, pushed to nginx-rtmp, to ffmpeg', async context => {
  await requireClient(context, 'ffmpeg')
  await using nginx = await startNginxRtmp(context)
  const media = await makeMedia(liveRecipe)
  const relay = relayPush({ connect, to: [`${nginx.url}/live`], backoff: soon })
  const { server, port } = await listen([relay])
  await using _ = server
  await using player = playWithFfmpeg('ffmpeg', `${nginx.url}/live/show`)
  await player.playing()
  await using publisher = publishWithFfmpeg('ffmpeg', media.file, `rtmp://127.0.0.1:${port}/live/show`)
  await publisher.finish()
  // nginx-rtmp lets players wait for the next publisher, and ffmpeg keeps audio until there is video to go with it.
  const last = media.packets.findLast(packet => packet.media === 'video')?.hash ?? ''
  await player.program.waitForLine(new RegExp(last))
  player.program.kill('SIGKILL')
  const { stdout } = await player.program.exited
  expectRelayed(parseFramehash(stdout), media, { fromStart: true, lostAtEnd: 8 })
})

test.concurrent('ffmpeg plays from an edge what ffmpeg publishes at the origin', async context => {
  await requireClient(context, 'ffmpeg')
  const media = await makeMedia(liveRecipe)
  await using origin = await ServerProcess.start()
  const relay = relayPull({ connect, from: ({ app, streamName }) => `${origin.urls.rtmp}/${app}/${streamName}` })
  const { server, port } = await listen([relay])
  await using _ = server
  const live = inState(relay, 'live')
  const url = `rtmp://127.0.0.1:${port}/live/show`
  await using first = playWithFfmpeg('ffmpeg', url)
  await using second = playWithFfmpeg('ffmpeg', url)
  await Promise.all([first.playing(), second.playing(), live])
  await using publisher = publishWithFfmpeg('ffmpeg', media.file, `${origin.urls.rtmp}/live/show`)
  await publisher.finish()
  expectRelayed(await first.finish(), media, { fromStart: true })
  expectRelayed(await second.finish(), media, { fromStart: true })
})

test.concurrent('a push goes on when its destination has been started again', async context => {
  await requireClient(context, 'ffmpeg')
  const media = await makeMedia(liveRecipe)
  const there = await listen([])
  const relay = relayPush({ connect, to: [`rtmp://127.0.0.1:${there.port}/copy`], backoff: soon })
  const { server, port } = await listen([relay])
  await using _ = server
  const live = inState(relay, 'live')
  await using publisher = publishWithFfmpeg('ffmpeg', media.file, `rtmp://127.0.0.1:${port}/live/show`)
  await Promise.all([live, publisher.published(1)])
  const waiting = inState(relay, 'waiting')
  await there.server.close()
  await waiting
  const again = await listen([], there.port)
  await using _again = again.server
  await using player = playWithFfmpeg('ffmpeg', `rtmp://127.0.0.1:${there.port}/copy/show`)
  await publisher.finish()
  expectRelayed(await player.finish(), media, { fromStart: false, lostAtEnd: 0 })
})

test.concurrent('an ffmpeg player goes on when its ffmpeg publisher is killed and started again', async context => {
  await requireClient(context, 'ffmpeg')
  const media = await makeMedia(liveRecipe)
  const { server, port } = await listen([publisherReturn({ policy: 'resume', grace: 20_000 })])
  await using _ = server
  const url = `rtmp://127.0.0.1:${port}/live/show`
  await using player = playWithFfmpeg('ffmpeg', url)
  await player.playing()
  {
    await using first = publishWithFfmpeg('ffmpeg', media.file, url)
    await first.published(1.5)
    first.program.kill('SIGKILL')
  }
  await using second = publishWithFfmpeg('ffmpeg', media.file, url)
  await second.finish()
  // Ends it without waiting for the grace time to pass.
  await server.close()
  const exit = await player.program.exited
  const { packets } = parseFramehash(exit.stdout)
  for (const kind of ['video', 'audio'] as const) {
    const times = packets.filter(({ media: each }) => each === kind).map(({ dts }) => dts)
    expect(times, kind).toEqual([...times].sort((one, other) => one - other))
    expect(new Set(times).size, kind).toBe(times.length)
  }
  // All of the second, behind some of the first.
  const hashes = packets.map(({ hash }) => hash)
  const firstOf = (kind: string) => media.packets.find(each => each.media === kind)?.hash ?? ''
  expect(hashes.filter(hash => hash === firstOf('video'))).toHaveLength(2)
  const again = hashes.lastIndexOf(firstOf('video'))
  expect(again).toBeGreaterThan(40)
  const missing = media.packets.filter(({ hash }) => !hashes.slice(again - 4).includes(hash))
  expect(missing).toEqual([])
})
