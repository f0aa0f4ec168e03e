import { readFile } from 'node:fs/promises'
import { once } from 'node:events'
import { record, type RecordedFile, type RecordFailure } from '@rtmpipe/plugins/record'
import { vod } from '@rtmpipe/plugins/vod'
import { encodeVideoTag, isMetadata, isPicture, isSound, parseVideoTag } from '@rtmpipe/flv'
import { connect, createServer, MessageType, type RtmpMessage, tcp } from 'rtmpipe'
import { describe, expect, test } from 'vitest'
import { ffmpeg2018, requireClient } from '../support/programs.ts'
import { run } from '../support/running-program.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { words } from '../support/words.ts'

/** Pictures of each film; all of them at 25 a second, with two groups. */
const pictures = 24
const duration = 960

const encoders = {
  'H.264': 'libx264 -g 12 -bf 2 -pix_fmt yuv420p',
  'H.264, interlaced': 'libx264 -g 12 -bf 0 -pix_fmt yuv420p -flags +ilme+ildct -x264-params interlaced=1',
  HEVC: 'libx265 -tag:v hvc1 -pix_fmt yuv420p -x265-params log-level=none:keyint=12:bframes=2',
  AV1: 'libsvtav1 -g 12 -preset 12',
  VP9: 'libvpx-vp9 -g 12 -deadline realtime -cpu-used 8',
} as const

type Encoder = keyof typeof encoders

/** A film as its publisher sends it, with sound; without metadata. */
async function film(folder: TemporaryFolder, encoder: Encoder, size: string, more = ''): Promise<RtmpMessage[]> {
  const name = `${encoder}-${size}${more}`.replaceAll(/[^\w-]/g, '_')
  await run('ffmpeg', [
    ...words`-nostdin -v error -y -f lavfi -i testsrc2=size=${size}:rate=25 -f lavfi -i sine=sample_rate=48000`,
    ...words`-t ${duration / 1000} -c:v ${encoders[encoder].split(' ')}`,
    ...words`-c:a aac -ac 2 ${more.split(' ').filter(Boolean)} ${folder.file(`${name}.mp4`)}`,
  ])
  await using server = createServer({ transports: [tcp({ port: 0 })], plugins: [vod({ dir: folder.path })] })
  const [listener] = await server.listen()
  await using client = await connect(`rtmp://127.0.0.1:${listener?.address.port}/vod`)
  const messages = await (await client.play(`${name}.mp4`)).toArray()
  return messages.filter(message => message.messageTypeId !== MessageType.DataAmf0)
}

/** VP8, which no MP4 file of FFmpeg's holds, as Enhanced RTMP has it. */
async function vp8Film(folder: TemporaryFolder, size: string): Promise<RtmpMessage[]> {
  const file = folder.file(`${size}.ivf`)
  await run('ffmpeg', [
    ...words`-nostdin -v error -y -f lavfi -i testsrc2=size=${size}:rate=25 -t ${duration / 1000}`,
    ...words`-c:v libvpx -g 12 -deadline realtime ${file}`,
  ])
  const bytes = await readFile(file)
  const messages: RtmpMessage[] = []
  for (let at = 32; at < bytes.length; at += 12 + bytes.readUInt32LE(at)) {
    const data = bytes.subarray(at + 12, at + 12 + bytes.readUInt32LE(at))
    const isKey = ((data[0] ?? 1) & 1) === 0
    const payload = Buffer.concat([Buffer.from(isKey ? '91' : 'a1', 'hex'), Buffer.from('vp08'), data])
    messages.push({ messageTypeId: 9, messageStreamId: 0, timestamp: messages.length * 40, payload })
  }
  return messages
}

function later(messages: readonly RtmpMessage[], milliseconds: number): RtmpMessage[] {
  return messages.map(message => ({ ...message, timestamp: message.timestamp + milliseconds }))
}

/** What becomes of the messages in MP4 files. */
async function recorded(folder: TemporaryFolder, messages: readonly RtmpMessage[]): Promise<RecordedFile[]> {
  const [files, failures]: [RecordedFile[], RecordFailure[]] = [[], []]
  const plugin = record({
    dir: folder.path,
    format: 'mp4',
    name: '{stream}-{counter}',
    whenSlow: 'backpressure',
    onRecorded: file => void files.push(file),
    onRecordError: failure => void failures.push(failure),
  })
  {
    await using server = createServer({ transports: [tcp({ port: 0 })], plugins: [plugin] })
    const [listener] = await server.listen()
    await using client = await connect(`rtmp://127.0.0.1:${listener?.address.port}/live`)
    const publisher = await client.publish('cam')
    for (const message of messages) if (!publisher.write(message)) await once(publisher, 'drain')
    publisher.end()
    await once(publisher, 'close')
  }
  expect(failures).toEqual([])
  return files
}

interface Probed {
  readonly size: string
  /** Of the file's own boxes, before anything is decoded. */
  readonly shape: string
  readonly channels: number | undefined
  /** Pictures and sounds that FFmpeg decodes; a complaint of its is a failure. */
  readonly pictures: number
}

async function probe({ file }: RecordedFile): Promise<Probed> {
  const { stdout } = await run('ffprobe', words`-v error -show_streams -of json ${file}`)
  const { streams } = JSON.parse(stdout.join('')) as { streams: Record<string, string | number>[] }
  const video = streams.find(stream => stream['codec_type'] === 'video')
  const audio = streams.find(stream => stream['codec_type'] === 'audio')
  const decoded = await run(
    'ffmpeg',
    words`-nostdin -v error -xerror -i ${file} -map 0 -vsync passthrough -f framemd5 pipe:1`,
  )
  expect(decoded.stderr).toEqual([])
  const index = String(video?.['index'])
  return {
    size: `${video?.['width']}x${video?.['height']}`,
    shape: String(video?.['sample_aspect_ratio']),
    channels: audio?.['channels'] as number | undefined,
    pictures: decoded.stdout.filter(line => line.startsWith(`${index},`)).length,
  }
}

/** Rows and columns in the boxes of the picture's track: its header and its sample entry. */
async function sizesIn({ file }: RecordedFile): Promise<string[]> {
  const bytes = await readFile(file)
  const handler = bytes.indexOf('vide')
  const header = bytes.lastIndexOf('tkhd', handler)
  const entry = bytes.indexOf('stsd', handler) + 16
  return [
    `${bytes.readUInt16BE(header + 80)}x${bytes.readUInt16BE(header + 84)}`,
    `${bytes.readUInt16BE(entry + 28)}x${bytes.readUInt16BE(entry + 30)}`,
  ]
}

/** Neither is a number of whole macroblocks; interlaced ones have a number of pairs of rows. */
const wide = '320x184'
const tall = '184x320'

describe('pictures that change their size, without a word in metadata', () => {
  test.for(Object.keys(encoders) as Encoder[])('%s: a file for each size', async (encoder, context) => {
    await requireClient(context, 'ffmpeg', 'ffprobe')
    await using folder = await TemporaryFolder.create()
    const [one, two] = [await film(folder, encoder, wide), await film(folder, encoder, tall)]
    const files = await recorded(folder, [...one, ...later(two, duration), ...later(one, 2 * duration)])
    const probed = await Promise.all(files.map(probe))
    expect(probed.map(({ size }) => size)).toEqual([wide, tall, wide])
    expect(await Promise.all(files.map(sizesIn))).toEqual([wide, tall, wide].map(size => [size, size]))
    expect(probed.map(each => each.pictures)).toEqual([pictures, pictures, pictures])
  })

  test('VP8: a file for each size', async context => {
    await requireClient(context, 'ffmpeg', 'ffprobe')
    await using folder = await TemporaryFolder.create()
    const [one, two] = [await vp8Film(folder, wide), await vp8Film(folder, tall)]
    const files = await recorded(folder, [...one, ...later(two, duration)])
    const probed = await Promise.all(files.map(probe))
    expect(probed).toMatchObject([wide, tall].map(size => ({ size, pictures })))
  })

  test.for(['H.264', 'HEVC', 'AV1'] as const)(
    '%s whose keyframes alone say it: a file for each size, and the configuration is theirs',
    async (encoder, context) => {
      await requireClient(context, 'ffmpeg', 'ffprobe')
      await using folder = await TemporaryFolder.create()
      const [one, two] = [await film(folder, encoder, wide), await film(folder, encoder, tall)]
      // Parameter sets of the second film stand in its keyframes; its header is never sent.
      const files = await recorded(folder, [...one, ...later(inBand(two), duration)])
      const probed = await Promise.all(files.map(probe))
      expect(probed).toMatchObject([wide, tall].map(size => ({ size, pictures })))
      expect(await Promise.all(files.map(sizesIn))).toEqual([wide, tall].map(size => [size, size]))
    },
  )

  test('codecs, one after the other: a file for each', async context => {
    await requireClient(context, 'ffmpeg', 'ffprobe')
    await using folder = await TemporaryFolder.create()
    const films = [
      await film(folder, 'H.264', wide),
      await film(folder, 'HEVC', wide),
      await film(folder, 'VP9', tall),
      await vp8Film(folder, wide),
      await film(folder, 'AV1', tall),
    ]
    const files = await recorded(
      folder,
      films.flatMap((messages, place) => later(messages, place * duration)),
    )
    const probed = await Promise.all(files.map(probe))
    expect(probed).toMatchObject([wide, wide, tall, wide, tall].map(size => ({ size, pictures })))
  })
})

test('a new header ahead of pictures that are no keyframes: they are in neither file, and all else decodes', async context => {
  await requireClient(context, 'ffmpeg', 'ffprobe')
  await using folder = await TemporaryFolder.create()
  const [one, two] = [await film(folder, 'H.264', wide), await film(folder, 'H.264', tall)]
  // The second film begins behind its first keyframe.
  const first = two.findIndex(isPicture)
  const files = await recorded(folder, [...one, ...later(two.toSpliced(first, 1), duration)])
  const probed = await Promise.all(files.map(probe))
  expect(probed).toMatchObject([
    { size: wide, pictures },
    { size: tall, pictures: pictures / 2 },
  ])
})

test('pixels that are not square have their shape in the boxes', async context => {
  await requireClient(context, 'ffmpeg', 'ffprobe')
  await using folder = await TemporaryFolder.create()
  for (const encoder of ['H.264', 'HEVC'] as const) {
    const [file] = await recorded(folder, await film(folder, encoder, '320x180', '-vf setsar=16/11'))
    const [shown, coded] = await sizesIn(file as RecordedFile)
    expect([shown, coded]).toEqual(['465x180', '320x180'])
    expect(await probe(file as RecordedFile)).toMatchObject({ size: '320x180', shape: '16:11', pictures })
  }
})

test('sound that goes from stereo to mono within a group of pictures loses nothing, and no picture is lost', async context => {
  await requireClient(context, 'ffmpeg', 'ffprobe')
  await using folder = await TemporaryFolder.create()
  const stereo = await film(folder, 'H.264', wide)
  const mono = await film(folder, 'H.264', wide, '-ac 1')
  const half = duration / 4
  const isAudio = ({ messageTypeId }: RtmpMessage): boolean => messageTypeId === MessageType.Audio
  const sound = [
    ...stereo.filter(message => isAudio(message) && message.timestamp < half),
    ...mono.filter(message => isAudio(message) && (message.timestamp >= half || !isSound(message))),
  ]
  const sent = [...stereo.filter(message => !isAudio(message)), ...sound]
  sent.sort((a, b) => timeOf(a) - timeOf(b))
  /** The header of mono comes with its first sound. */
  function timeOf(message: RtmpMessage): number {
    return mono.includes(message) && !isSound(message) ? half : message.timestamp
  }
  const files = await recorded(folder, sent)
  const probed = await Promise.all(files.map(probe))
  expect(probed.map(({ channels }) => channels)).toEqual([2, 1])
  expect(probed.reduce((sum, each) => sum + each.pictures, 0)).toBe(pictures)
  const sounds = await Promise.all(files.map(({ file }) => packetsOf(file, 'a')))
  expect(sounds.flat()).toHaveLength(sound.filter(isSound).length)
  expect(sent.some(isMetadata)).toBe(false)
})

test('FFmpeg of 2018 decodes them as well', async context => {
  await requireClient(context, 'ffmpeg', 'ffmpeg-2018')
  await using folder = await TemporaryFolder.create()
  for (const encoder of ['H.264', 'HEVC', 'VP9'] as const) {
    const [one, two] = [await film(folder, encoder, wide), await film(folder, encoder, tall)]
    for (const { file } of await recorded(folder, [...one, ...later(two, duration)])) {
      const { stdout, stderr } = await run(
        ffmpeg2018(),
        words`-nostdin -v error -xerror -i ${file} -map 0:v -vsync passthrough -f framemd5 pipe:1`,
      )
      expect(stderr).toEqual([])
      expect(stdout.filter(line => !line.startsWith('#'))).toHaveLength(pictures)
    }
  }
})

async function packetsOf(file: string, stream: 'a' | 'v'): Promise<string[]> {
  const { stdout } = await run(
    'ffprobe',
    words`-v error -select_streams ${stream} -show_entries packet=pts -of csv ${file}`,
  )
  return stdout.filter(Boolean)
}

/** A film whose sequence header stands in its keyframes and is not sent. */
function inBand(messages: readonly RtmpMessage[]): RtmpMessage[] {
  let sets: Buffer = Buffer.alloc(0)
  return messages.flatMap(message => {
    if (message.messageTypeId !== MessageType.Video) return [message]
    const tag = parseVideoTag(message.payload)
    if (tag.kind !== 'legacy' && tag.kind !== 'enhanced') return [message]
    const data = Buffer.from(tag.kind === 'legacy' ? tag.data : (tag.tracks[0]?.data ?? []))
    if (tag.packetType === 0) {
      sets = tag.kind === 'legacy' ? setsOfAvc(data) : data[0] === 0x81 ? data.subarray(4) : setsOfHevc(data)
      return []
    }
    if (tag.frameType !== 1) return [message]
    const whole = Buffer.concat([sets, data])
    const payload =
      tag.kind === 'legacy'
        ? encodeVideoTag({ ...tag, data: whole })
        : encodeVideoTag({ ...tag, tracks: tag.tracks.map(track => ({ ...track, data: whole })) })
    return [{ ...message, payload }]
  })
}

/** Each behind a length of four bytes, as in a frame. */
function unit(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.of(0, 0, bytes.length >> 8, bytes.length), bytes])
}

function setsOfAvc(config: Buffer): Buffer {
  const size = config.readUInt16BE(6)
  const next = 8 + size + 3
  return Buffer.concat([
    unit(config.subarray(8, 8 + size)),
    unit(config.subarray(next, next + config.readUInt16BE(next - 2))),
  ])
}

function setsOfHevc(config: Buffer): Buffer {
  const units: Buffer[] = []
  let at = 23
  for (let arrays = config.readUInt8(22); arrays > 0; arrays -= 1) {
    const count = config.readUInt16BE(at + 1)
    at += 3
    for (let left = count; left > 0; left -= 1) {
      units.push(unit(config.subarray(at + 2, at + 2 + config.readUInt16BE(at))))
      at += 2 + config.readUInt16BE(at)
    }
  }
  return Buffer.concat(units)
}
