import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { record, type RecordedFile, type RecordFailure, type RecordOptions } from '@rtmpipe/plugins/record'
import { FlvDemuxer, parseAudioTag, parseVideoTag, VideoPacketType } from '@rtmpipe/flv'
import { connect, createServer, FlvDemuxStage, MessageType, type Server, tcp } from 'rtmpipe'
import { describe, expect, test, type TestContext } from 'vitest'
import { publishWithFfmpeg, publishWithNodeAv } from '../support/clients.ts'
import { liveRecipe, makeMedia, type Media } from '../support/media.ts'
import { type MediaPacket, packetsOf } from '../support/packets.ts'
import { requireClient } from '../support/programs.ts'
import { publishWithRtmpipe } from '../support/publish-with-rtmpipe.ts'
import { run } from '../support/running-program.ts'
import { command, ServerProcess } from '../support/server-process.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { words } from '../support/words.ts'

const fixtures = fileURLToPath(new URL('../../packages/flv/test/fixtures', import.meta.url))

/** A server with a recorder, and what that tells. */
class Recorded implements AsyncDisposable {
  readonly files: RecordedFile[] = []
  readonly failures: RecordFailure[] = []
  readonly #server: Server
  readonly url: string
  #onNotice = (): void => {}

  static async start(options: RecordOptions): Promise<Recorded> {
    const notices: { recorded(file: RecordedFile): void; failed(failure: RecordFailure): void }[] = []
    const plugin = record({
      ...options,
      onRecorded: file => notices[0]?.recorded(file),
      onRecordError: failure => notices[0]?.failed(failure),
    })
    const server = createServer({ transports: [tcp({ port: 0 })], plugins: [plugin] })
    const [listener] = await server.listen()
    const recorded = new Recorded(server, `rtmp://127.0.0.1:${listener?.address.port}/live`)
    notices.push({
      recorded: file => recorded.#told(() => recorded.files.push(file)),
      failed: failure => recorded.#told(() => recorded.failures.push(failure)),
    })
    return recorded
  }

  private constructor(server: Server, url: string) {
    this.#server = server
    this.url = url
  }

  async until(isTrue: (recorded: this) => boolean): Promise<void> {
    while (!isTrue(this)) await new Promise<void>(resolve => (this.#onNotice = resolve))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close()
  }

  #told(remember: () => void): void {
    remember()
    this.#onNotice()
  }
}

/** What ffprobe says of a file: packets of all streams by their MD5, in milliseconds, and how long it is. */
async function probe(file: string): Promise<{ packets: Pick<MediaPacket, 'media' | 'hash'>[]; duration: number }> {
  const sections = words`-show_entries packet=codec_type,data_hash -show_entries format=duration`
  const level = file.endsWith('.mp4') ? 'warning' : 'error'
  const { stdout, stderr } = await run(
    'ffprobe',
    words`-v ${level} -show_packets -show_data_hash MD5 ${sections} -of json ${file}`,
  )
  expect(stderr).toEqual([])
  const { packets, format } = JSON.parse(stdout.join('')) as {
    packets: { codec_type: MediaPacket['media']; data_hash: string }[]
    format: { duration: string }
  }
  return {
    packets: packets.map(({ codec_type: media, data_hash }) => ({ media, hash: data_hash.replace(/^MD5:/, '') })),
    duration: Number(format.duration),
  }
}

function hashes(packets: readonly Pick<MediaPacket, 'media' | 'hash'>[]): string[] {
  return packets.map(({ media, hash }) => `${media} ${hash}`).sort()
}

/** MD5s of the frames in an FLV file, as `hashes` gives them. */
function framesOf(file: string): string[] {
  const frames: { media: MediaPacket['media']; hash: string }[] = []
  new FlvDemuxer().push(readFileSync(file), ({ messageTypeId, payload }) => {
    const media = messageTypeId === MessageType.Video ? 'video' : 'audio'
    const tag = media === 'video' ? parseVideoTag(payload) : parseAudioTag(payload)
    if (messageTypeId === MessageType.DataAmf0 || tag.kind !== 'enhanced') return
    const isCoded = tag.packetType === VideoPacketType.CodedFrames || tag.packetType === VideoPacketType.CodedFramesX
    const [track] = tag.tracks
    if (isCoded && track) frames.push({ media, hash: createHash('md5').update(track.data).digest('hex') })
  })
  return hashes(frames)
}

/** Decodes all of it. Resolves with the number of pictures; complaints of the decoder are failures. */
async function decoded(file: string, ...before: readonly string[]): Promise<number> {
  const args = words`-nostdin -v error -xerror ${before} -i ${file} -map 0:v:0 -vsync passthrough -f framemd5 pipe:1`
  const { stdout, stderr } = await run('ffmpeg', args)
  expect(stderr).toEqual([])
  return stdout.filter(line => !line.startsWith('#')).length
}

/** Seconds by which the first picture is shown after the first sound, as FFmpeg sees it. */
async function pictureAfterSound(file: string): Promise<number> {
  const first = async (stream: string): Promise<number> => {
    const args = words`-v error -select_streams ${stream}:0 -read_intervals %+#1 -show_entries packet=pts_time -of csv=p=0`
    const { stdout } = await run('ffprobe', [...args, file])
    return Number.parseFloat(stdout[0] ?? '')
  }
  return (await first('v')) - (await first('a'))
}

async function ffmpegAndMedia(context: TestContext): Promise<Media> {
  await requireClient(context, 'ffmpeg', 'ffprobe')
  return await makeMedia(liveRecipe)
}

describe.concurrent('published by ffmpeg', () => {
  test.for(['flv', 'mp4'] as const)(
    'a recording as %s has every packet, its duration, and can be sought in',
    async (format, context) => {
      const media = await ffmpegAndMedia(context)
      await using folder = await TemporaryFolder.create()
      await using recorded = await Recorded.start({ dir: folder.path, format })
      await using publisher = publishWithFfmpeg('ffmpeg', media.file, `${recorded.url}/cam`, { realtime: false })
      await publisher.finish()
      await recorded.until(({ files }) => files.length > 0)
      expect(recorded.failures).toEqual([])
      const [{ file, duration, bytes }] = recorded.files as [RecordedFile]
      expect(bytes).toBe(statSync(file).size)
      const probed = await probe(file)
      expect(hashes(probed.packets)).toEqual(hashes(media.packets))
      expect(Math.abs(probed.duration - media.seconds)).toBeLessThan(0.15)
      expect(Math.abs(duration / 1000 - media.seconds)).toBeLessThan(0.15)
      expect(Math.abs((await pictureAfterSound(file)) - (await pictureAfterSound(media.file)))).toBeLessThan(0.005)
      const pictures = media.packets.filter(packet => packet.media === 'video').length
      expect(await decoded(file)).toBe(pictures)
      // From the keyframe at 2 s on.
      expect(await decoded(file, ...words`-ss 2.1 -noaccurate_seek`)).toBe(pictures / 2)
    },
  )

  test.for(['flv', 'mp4'] as const)(
    'segments as %s can be played each, and have every packet once',
    async (format, context) => {
      const media = await ffmpegAndMedia(context)
      await using folder = await TemporaryFolder.create()
      const segment = { duration: 1_000 }
      await using recorded = await Recorded.start({ dir: folder.path, format, segment, name: '{stream}-{counter}' })
      await using publisher = publishWithFfmpeg('ffmpeg', media.file, `${recorded.url}/cam`, { realtime: false })
      await publisher.finish()
      await recorded.until(({ files }) => files.length === 4)
      const probed = await Promise.all(recorded.files.map(({ file }) => probe(file)))
      expect(hashes(probed.flatMap(({ packets }) => packets))).toEqual(hashes(media.packets))
      for (const { file } of recorded.files) expect(await decoded(file)).toBe(30)
    },
  )

  test.for([1, 2, 5])(
    'as MP4, keyframes every %i frames are marked as such, and nothing else is',
    async (gop, context) => {
      await requireClient(context, 'ffmpeg', 'ffprobe')
      const media = await makeMedia({ ...liveRecipe, gop, bFrames: gop > 2 ? 2 : 0 })
      await using folder = await TemporaryFolder.create()
      await using recorded = await Recorded.start({ dir: folder.path, format: 'mp4' })
      await using publisher = publishWithFfmpeg('ffmpeg', media.file, `${recorded.url}/cam`, { realtime: false })
      await publisher.finish()
      await recorded.until(({ files }) => files.length > 0)
      const keyframes = async (file: string): Promise<string[]> => {
        const { stdout } = await run(
          'ffprobe',
          words`-v error -fflags noparse -select_streams v:0 -show_packets -show_data_hash MD5 -show_entries packet=flags,data_hash -of csv ${file}`,
        )
        return stdout.filter(line => line.includes(',K')).map(line => line.replace(/^.*MD5:/, ''))
      }
      const [{ file }] = recorded.files as [RecordedFile]
      const marked = await keyframes(file)
      expect(marked).toHaveLength((media.seconds * 30) / gop)
      expect(marked).toEqual(await keyframes(media.file))
    },
  )

  test('appended twice, a file is as long as all, and decodes', async context => {
    const media = await ffmpegAndMedia(context)
    await using folder = await TemporaryFolder.create()
    await using recorded = await Recorded.start({ dir: folder.path })
    for (const count of [1, 2, 3]) {
      await using client = await connect(recorded.url)
      const publisher = await client.publish('cam', { type: 'append' })
      await pipeline(createReadStream(media.file), new FlvDemuxStage(), publisher)
      await recorded.until(({ files }) => files.length === count)
    }
    const [{ file }] = recorded.files as [RecordedFile]
    expect(readdirSync(join(folder.path, 'live'))).toHaveLength(1)
    const probed = await probe(file)
    expect(hashes(probed.packets)).toEqual(hashes([...media.packets, ...media.packets, ...media.packets]))
    expect(Math.abs(probed.duration - 3 * media.seconds)).toBeLessThan(0.3)
    expect(await decoded(file)).toBe(3 * media.packets.filter(packet => packet.media === 'video').length)
  })
})

describe.concurrent('published by FFmpeg 8', () => {
  test.for(['hevc-opus', 'av1-flac', 'vp9-ac3', 'hevc-hdr-eac3'])(
    '%s as MP4 is what was sent',
    async (name, context) => {
      await requireClient(context, 'node-av', 'ffprobe')
      await using folder = await TemporaryFolder.create()
      await using recorded = await Recorded.start({ dir: folder.path, format: 'mp4' })
      await using publisher = publishWithNodeAv(join(fixtures, `${name}.flv`), `${recorded.url}/${name}`)
      await publisher.finish()
      await recorded.until(({ files }) => files.length > 0)
      expect(recorded.failures).toEqual([])
      const [{ file }] = recorded.files as [RecordedFile]
      const { packets } = await probe(file)
      expect(hashes(packets)).toEqual(framesOf(join(fixtures, `${name}.flv`)))
      expect(await decoded(file)).toBe(packets.filter(({ media }) => media === 'video').length)
    },
  )
})

describe.concurrent('rtmpipe serve --record', () => {
  test.for(['flv', 'mp4'] as const)(
    'killed while it records %s, begins again with a playable file',
    async (format, context) => {
      const media = await ffmpegAndMedia(context)
      await using folder = await TemporaryFolder.create()
      const args = words`--record ${folder.path} --record-format ${format} --log-level debug`
      let half: string
      {
        await using server = await ServerProcess.start({ args })
        await using publisher = publishWithFfmpeg('ffmpeg', media.file, `${server.urls.rtmp}/live/cam`)
        await publisher.published(3)
        server.program.kill('SIGKILL')
        await server.program.exited
        const [part = ''] = readdirSync(join(folder.path, 'live'))
        expect(part).toMatch(new RegExp(String.raw`^cam-\d{8}-\d{6}\.${format}\.${server.pid}\.part$`))
        half = join(folder.path, 'live', part.replace(/\.\d+\.part$/, ''))
      }
      await using server = await ServerProcess.start({ args })
      await server.program.waitForLine(/an unfinished recording was repaired/)
      expect(readdirSync(join(folder.path, 'live'))).toEqual([half.split('/').at(-1)])
      const { packets, duration } = await probe(half)
      expect(hashes(media.packets)).toEqual(expect.arrayContaining(hashes(packets)))
      expect(duration).toBeGreaterThan(0.9)
      const pictures = packets.filter(packet => packet.media === 'video').length
      expect(pictures).toBeGreaterThanOrEqual(30)
      expect(await decoded(half)).toBe(pictures)
      await server.stop()
    },
  )

  test('ends a recording properly when it is told to end, and repair finds nothing to do', async context => {
    const media = await ffmpegAndMedia(context)
    await using folder = await TemporaryFolder.create()
    await using server = await ServerProcess.start({ args: words`--record ${folder.path}` })
    await using publisher = publishWithFfmpeg('ffmpeg', media.file, `${server.urls.rtmp}/live/cam`)
    await publisher.published(1)
    await server.stop()
    const [name = ''] = readdirSync(join(folder.path, 'live'))
    expect(name).toMatch(/^cam-\d{8}-\d{6}\.flv$/)
    const file = join(folder.path, 'live', name)
    const before = readFileSync(file)
    const { stdout } = await run(process.execPath, words`${command} repair ${file}`)
    expect(stdout).toEqual([expect.stringMatching(/^.*\.flv: \d\.\d{3} s, \d+ bytes, 0 cut off$/)])
    expect(readFileSync(file).equals(before)).toBe(true)
    expect((await packetsOf(file)).packets.length).toBeGreaterThan(20)
  })
})

test.concurrent('a full disk is told, the publisher goes on, and what fitted can be played', async context => {
  const media = await ffmpegAndMedia(context)
  await using folder = await TemporaryFolder.create()
  const mounted = await run('mount', words`-t tmpfs -o size=256k tmpfs ${folder.path}`).catch((error: Error) => error)
  if (mounted instanceof Error) {
    console.warn(`skipping ${context.task.name}: no tmpfs can be mounted here`)
    return context.skip('no tmpfs can be mounted here')
  }
  try {
    await using recorded = await Recorded.start({ dir: folder.path })
    await publishWithRtmpipe(media.file, recorded.url, 'cam')
    await recorded.until(({ failures, files }) => failures.length > 0 && files.length > 0)
    expect(recorded.failures).toMatchObject([{ error: { code: 'ENOSPC' }, app: 'live', streamName: 'cam' }])
    const [{ file }] = recorded.files as [RecordedFile]
    expect(existsSync(file)).toBe(true)
    const { packets } = await probe(file)
    expect(packets.length).toBeGreaterThan(5)
    const all = hashes(media.packets)
    expect(all).toEqual(expect.arrayContaining(hashes(packets)))
  } finally {
    await run('umount', [folder.path])
  }
})
