import { EventEmitter, once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { sampleStream } from '@rtmpipe/testing'
import { createServer, FlvMuxStage, httpTunnel, type Plugin, type PublishInfo, tcp } from 'rtmpipe'
import { expect, it } from 'vitest'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { MarkdownFile } from './markdown.ts'
import { SnippetProject, snippetsOf } from './snippet-project.ts'

/** The clients of README, at the ports and with the file that there are. */
it('the clients of README publish in real time, and play', async () => {
  await using folder = await TemporaryFolder.create()
  const film = sampleStream(50)
  const duration = film.at(-1)?.timestamp ?? 0
  await pipeline(Readable.from(film), new FlvMuxStage(), createWriteStream(folder.file('video.flv')))

  const happened = new EventEmitter<{ publish: [PublishInfo]; play: [] }>()
  const watch: Plugin = {
    name: 'watch',
    onPublishStart: info => void happened.emit('publish', info),
    onPlayStart: () => void happened.emit('play'),
  }
  const server = createServer({ transports: [tcp({ port: 0 }), httpTunnel({ port: 0 })], plugins: [watch] })
  const [overTcp, overHttp] = await server.listen()
  const clients = snippetsOf(new MarkdownFile('README.md'))
    .filter(({ code }) => /^const (publisher|player) = /m.test(code))
    .map(({ code, ...snippet }) => ({
      ...snippet,
      code: code
        .replace('rtmp://127.0.0.1/', `rtmp://127.0.0.1:${overTcp?.address.port}/`)
        .replace('rtmpt://127.0.0.1:8080/', `rtmpt://127.0.0.1:${overHttp?.address.port}/`)
        .replace("'video.flv'", JSON.stringify(folder.file('video.flv'))),
    }))
  const [publisher, player] = clients
  if (publisher === undefined || player === undefined) throw new Error('README has no clients')
  await using project = await SnippetProject.create(clients)
  expect(await project.compile()).toEqual([])

  const playing = once(happened, 'play')
  const played = project.run(player)
  await playing
  const publishing = once(happened, 'publish') as Promise<[PublishInfo]>
  const published = project.run(publisher)
  const [{ stream }] = await publishing
  const messages = stream.subscribe()
  await once(messages, 'readable')
  const began = performance.now()
  await once(messages.resume(), 'end')
  expect(performance.now() - began).toBeGreaterThan(duration * 0.8)
  await published
  const { stdout } = await played
  expect(stdout).toHaveLength(film.length)
  await server.close()
}, 150_000)
