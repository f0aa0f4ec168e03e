import { readdirSync } from 'node:fs'
import { record, type RecordedFile } from '@rtmpipe/plugins/record'
import { relayPush } from '@rtmpipe/plugins/relay'
import { connect, createServer, type Listener, type Plugin, type Server, type StreamView, tcp } from 'rtmpipe'
import { expect, test } from 'vitest'
import { playWithFfmpeg, publishWithFfmpeg } from '../support/clients.ts'
import { liveRecipe, makeMedia } from '../support/media.ts'
import { requireClient } from '../support/programs.ts'
import { expectRelayed } from '../support/relayed.ts'
import { run } from '../support/running-program.ts'
import { ServerProcess } from '../support/server-process.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { words } from '../support/words.ts'

const until = { interval: 10, timeout: 20_000 }

async function listen(plugins: readonly Plugin[], port = 0): Promise<{ server: Server; port: number }> {
  const server = createServer({ transports: [tcp({ port })], plugins })
  const [{ address }] = (await server.listen()) as [Listener]
  return { server, port: address.port }
}

function streamOf(server: Server, name: string): StreamView {
  const stream = server.streams.get('live', name)
  if (stream === undefined) throw new Error(`nobody publishes ${name}`)
  return stream
}

test.concurrent.for(['flv', 'mp4'] as const)(
  'a recording as %s that is begun and ended by hand plays in ffprobe',
  async (format, context) => {
    await requireClient(context, 'ffmpeg', 'ffprobe')
    const media = await makeMedia(liveRecipe)
    await using folder = await TemporaryFolder.create()
    const files: RecordedFile[] = []
    const onRecorded = (file: RecordedFile) => void files.push(file)
    const { server, port } = await listen([record({ dir: folder.path, format, when: 'asked', onRecorded })])
    await using _ = server
    await using publisher = publishWithFfmpeg('ffmpeg', media.file, `rtmp://127.0.0.1:${port}/live/show`)
    await publisher.published(0.5)
    const stream = streamOf(server, 'show')
    const recording = await server.abilities.record?.(stream)
    await publisher.published(1.5)
    expect(recording?.file).toMatch(new RegExp(`^live/show-[-\\d]+\\.${format}$`))
    recording?.end()
    await context.expect.poll(() => files, until).toHaveLength(1)
    expect([stream.isPublishing, stream.recordings.size]).toEqual([true, 0])
    await publisher.finish()
    expect(readdirSync(folder.file('live'))).toHaveLength(1)
    const { stdout, stderr } = await run(
      'ffprobe',
      words`-v error -count_packets -show_entries stream=codec_type,nb_read_packets -of csv=p=0 ${files[0]?.file ?? ''}`,
    )
    expect(stderr).toEqual([])
    const counts = Object.fromEntries(stdout.map(line => line.split(',') as [string, string]))
    const all = (kind: string) => media.packets.filter(({ media: each }) => each === kind).length
    for (const kind of ['video', 'audio']) {
      expect(Number(counts[kind]), kind).toBeGreaterThan(10)
      expect(Number(counts[kind]), kind).toBeLessThan(all(kind))
    }
  },
)

test.concurrent('a running stream is relayed to ffmpeg, elsewhere when that is changed, and no more when it is ended', async context => {
  await requireClient(context, 'ffmpeg')
  // Longer than all of this takes a busy machine.
  const media = await makeMedia({ ...liveRecipe, seconds: 30 })
  await using there = await ServerProcess.start()
  const { server, port } = await listen([relayPush({ connect })])
  await using _ = server
  await using first = playWithFfmpeg('ffmpeg', `${there.urls.rtmp}/copy/one`)
  await using second = playWithFfmpeg('ffmpeg', `${there.urls.rtmpt}/copy/two`)
  await Promise.all([first.playing(), second.playing()])
  await using publisher = publishWithFfmpeg('ffmpeg', media.file, `rtmp://127.0.0.1:${port}/live/show`)
  await publisher.published(0.3)
  const stream = streamOf(server, 'show')
  const relay = await server.abilities.relay?.(stream, `${there.urls.rtmp}/copy/one?key=hush`)
  await context.expect.poll(() => relay?.state, until).toBe('running')
  await publisher.published(1)
  relay?.change?.(`${there.urls.rtmpt}/copy/two?key=hush`)
  // The first player ends: the other server has been told.
  const one = await first.finish()
  expectRelayed(one, media, { fromStart: false, lostAtEnd: Infinity })
  await context.expect.poll(() => relay?.state, until).toBe('running')
  expect([...stream.relays]).toEqual([relay])
  expect(relay).toMatchObject({ url: `${there.urls.rtmpt}/copy/…`, attempts: 2, lastError: undefined })
  await publisher.published(2)
  relay?.end()
  const two = await second.finish()
  expectRelayed(two, media, { fromStart: false, lostAtEnd: Infinity })
  expect([stream.isPublishing, stream.relays.size]).toEqual([true, 0])
})

test.concurrent('a relay says why it waits, without its key, and begins when the other server is there', async context => {
  await requireClient(context, 'ffmpeg')
  const media = await makeMedia(liveRecipe)
  const gone = await listen([])
  await gone.server.close()
  const { server, port } = await listen([relayPush({ connect, backoff: { min: 50, max: 50 } })])
  await using _ = server
  await using publisher = publishWithFfmpeg('ffmpeg', media.file, `rtmp://127.0.0.1:${port}/live/show`)
  await publisher.published(0.3)
  const stream = streamOf(server, 'show')
  const url = `rtmp://me:hush-pass@127.0.0.1:${gone.port}/copy/hush-key?token=hush-token`
  const relay = await server.abilities.relay?.(stream, url)
  await context.expect.poll(() => relay?.lastError, until).toMatch(/ECONNREFUSED/)
  expect(`${relay?.url} ${relay?.lastError}`).not.toMatch(/hush/)
  const again = await listen([], gone.port)
  await using _again = again.server
  await context.expect.poll(() => relay?.state, until).toBe('running')
  await using player = playWithFfmpeg('ffmpeg', `rtmp://127.0.0.1:${gone.port}/copy/hush-key`)
  await publisher.finish()
  expectRelayed(await player.finish(), media, { fromStart: false })
})
