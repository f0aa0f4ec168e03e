import { readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { playWithFfmpeg, playWithGstreamer, playWithNodeAv } from '../support/clients.ts'
import { liveRecipe, type Media, makeMedia } from '../support/media.ts'
import type { MediaPacket, PacketList } from '../support/packets.ts'
import { fileHashes, packetsOf, parseFramehash } from '../support/packets.ts'
import { ffmpeg2018, requireClient } from '../support/programs.ts'
import { run, RunningProgram } from '../support/running-program.ts'
import { ServerProcess } from '../support/server-process.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { words } from '../support/words.ts'

// What FFmpeg's muxer puts at the end, and librtmp and GStreamer leave out: an empty AVC "end of sequence" tag.
const lastTag = 20

let folder: TemporaryFolder
let server: ServerProcess
let media: Media

beforeAll(async () => {
  folder = await TemporaryFolder.create()
  media = await makeMedia(liveRecipe)
  await writeFile(folder.file('movie.flv'), await readFile(media.file))
  await run(
    ffmpeg2018(),
    words`-nostdin -v error -i ${media.file} -c copy -movflags faststart ${folder.file('film.mp4')}`,
  )
  await run(
    ffmpeg2018(),
    words`-nostdin -v error -i ${media.file} -c copy -movflags frag_keyframe+delay_moov ${folder.file('fragmented.mp4')}`,
  )
  // The first group of pictures stands in the tables of the movie, all others in fragments.
  await run(
    ffmpeg2018(),
    words`-nostdin -v error -i ${media.file} -c copy -movflags frag_keyframe ${folder.file('hybrid.mp4')}`,
  )
  await writeFile(folder.file('text.flv'), 'To whom it may concern')
  await writeFile(folder.file('cut.mp4'), await readFile(folder.file('film.mp4')))
  await truncate(folder.file('cut.mp4'), 200)
  server = await ServerProcess.start({ args: words`--vod ${folder.path}` })
})
afterAll(async () => {
  await server?.stop()
  await folder?.[Symbol.asyncDispose]()
})

const files = ['movie.flv', 'film.mp4', 'fragmented.mp4', 'hybrid.mp4']

describe.concurrent('FFmpeg', () => {
  test.for(files.flatMap(file => (['rtmp', 'rtmps', 'rtmpt'] as const).map(scheme => ({ file, scheme }))))(
    'plays $file over $scheme bit for bit',
    async ({ file, scheme }, context) => {
      await requireClient(context, 'ffmpeg')
      await using player = playWithFfmpeg('ffmpeg', `${server.urls[scheme]}/vod/${file}`)
      expectFile(await player.finish(), file)
    },
  )

  test.for(files)('seeks in %s', async (file, context) => {
    await requireClient(context, 'ffmpeg')
    // So little is wanted in advance that the server is far from the end when it is told to seek.
    const input = words`-rtmp_buffer 500 -ss 2 -i ${`${server.urls.rtmp}/vod/${file}`}`
    const output = words`-c copy -copyts -copyinkf -map 0:v -map 0:a -f framehash -hash md5 pipe:1`
    const { stdout } = await run('ffmpeg', words`-nostdin -v error ${input} ${output}`)
    const { packets } = parseFramehash(stdout)
    const [first] = packets.filter(packet => packet.media === 'video')
    const place = ofKind(media, 'video').findIndex(({ hash }) => hash === first?.hash)
    // It asks for a little less than two seconds, because of the B-frames.
    expect(place).toBe(45)
    expect(Math.abs((first?.dts ?? 0) - 1_500)).toBeLessThanOrEqual(1)
    expect(hashes(packets, 'video')).toEqual(hashes(media.packets, 'video').slice(45))
  })

  test.for(['movie', 'mp4:film.mp4', 'film'])('8 plays %s', async (name, context) => {
    await requireClient(context, 'node-av')
    await using player = playWithNodeAv(`${server.urls.rtmp}/vod/${name}`)
    expectFile(await player.finish(), name.includes('film') ? 'film.mp4' : 'movie.flv')
  })

  test.for([
    ['HEVC and AAC', 'libx265 -tag:v hvc1 -x265-params log-level=none', 'aac'],
    ['VP9 and Opus', 'libvpx-vp9 -deadline realtime', 'libopus'],
    ['AV1 and FLAC', 'libaom-av1 -cpu-used 8 -usage realtime', 'flac -strict -2'],
    ['AVC and MP3', 'libx264', 'libmp3lame'],
    ['AVC and AC-3', 'libx264', 'ac3'],
    ['AVC and E-AC-3', 'libx264', 'eac3'],
  ] as const)('8 plays MP4 with %s', async ([, video, audio], context) => {
    await requireClient(context, 'ffmpeg', 'node-av')
    const name = `${video}-${audio}`.replace(/[^a-z0-9]+/g, '-')
    const file = folder.file(`${name}.mp4`)
    const source = words`-f lavfi -i testsrc2=size=96x54:rate=25 -f lavfi -i sine=frequency=440:sample_rate=48000 -t 1`
    const codecs = [...words`-pix_fmt yuv420p -c:v`, ...video.split(' '), '-c:a', ...audio.split(' ')]
    await run('ffmpeg', words`-nostdin -v error ${source} ${codecs} ${file}`)
    await using player = playWithNodeAv(`${server.urls.rtmp}/vod/${name}.mp4`)
    const { packets } = await player.finish()
    const wanted = await fileHashes(file)
    expect([hashes(packets, 'video'), hashes(packets, 'audio')]).toEqual(wanted)
  })
})

describe.concurrent('rtmpdump', () => {
  test.for(['rtmp', 'rtmpt'] as const)('downloads a file over %s as it is', async (scheme, context) => {
    await requireClient(context, 'rtmpdump')
    const file = folder.file(`downloaded-${scheme}.flv`)
    await download(`${server.urls[scheme]}/vod/movie.flv`, file)
    const whole = await readFile(media.file)
    expect((await readFile(file)).equals(whole.subarray(0, -lastTag))).toBe(true)
  })

  test('downloads an MP4 file', async context => {
    await requireClient(context, 'rtmpdump')
    const file = folder.file('downloaded.mp4.flv')
    await download(`${server.urls.rtmp}/vod/film.mp4`, file)
    expectFile(await packetsOf(file), 'film.mp4')
  })

  test.for(files)('downloads a part of %s', async (name, context) => {
    await requireClient(context, 'rtmpdump')
    const file = folder.file(`part-of-${name}.flv`)
    await download(`${server.urls.rtmp}/vod/${name}`, file, ...words`--start 1 --stop 3`)
    const { packets } = await packetsOf(file)
    expect(hashes(packets, 'video')).toEqual(hashes(media.packets, 'video').slice(30, 90))
    const [first] = packets.filter(packet => packet.media === 'video')
    expect(Math.abs((first?.dts ?? 0) - 1_000)).toBeLessThanOrEqual(1)
  })

  test('goes on with a download', async context => {
    await requireClient(context, 'rtmpdump')
    const [whole, cut] = [folder.file('whole.flv'), folder.file('cut.flv')]
    await download(`${server.urls.rtmp}/vod/movie.flv`, whole)
    await download(`${server.urls.rtmp}/vod/movie.flv`, cut, ...words`--stop 2`)
    expect((await stat(cut)).size).toBeLessThan((await stat(whole)).size * 0.7)
    await download(`${server.urls.rtmp}/vod/movie.flv`, cut, '--resume')
    expect((await readFile(cut)).equals(await readFile(whole))).toBe(true)
  })
})

test.concurrent.for(files)('GStreamer plays %s', async (name, context) => {
  await requireClient(context, 'gstreamer')
  await using player = await playWithGstreamer(`${server.urls.rtmp}/vod/${name}`)
  // It loses what comes just before Stream EOF.
  expectFile(await player.finish(), name, 2)
})

test.concurrent.for([
  ['missing.flv', 'there is no missing'],
  ['cut.mp4', 'mp4:cut.mp4 is damaged'],
  ['text.flv', 'text is damaged'],
])('FFmpeg is told what is wrong with %s', async ([name, reason], context) => {
  await requireClient(context, 'ffmpeg')
  const args = words`-nostdin -v error -i ${`${server.urls.rtmp}/vod/${name}`} -f null -`
  await using program = new RunningProgram({ file: 'ffmpeg', args })
  const { stderr } = await program.finish(1)
  expect(stderr.join('\n')).toContain(`Server error: ${reason}`)
})

/** rtmpdump says 2, "may be incomplete", when the duration counts the last frame's as well. */
async function download(url: string, file: string, ...options: readonly string[]): Promise<void> {
  await using program = new RunningProgram({ file: 'rtmpdump', args: words`-q -r ${url} -o ${file} ${options}` })
  await program.finish(0, 2)
}

/** Every packet, in order and at its time. */
function expectFile(received: PacketList, name: string, lostAtEnd = 0): void {
  expect(received.sequenceHeaders).toEqual(media.sequenceHeaders)
  for (const kind of ['video', 'audio'] as const) {
    const got = hashes(received.packets, kind)
    expect(got).toEqual(hashes(media.packets, kind).slice(0, got.length))
  }
  expect(media.packets.length - received.packets.length).toBeLessThanOrEqual(lostAtEnd)
  const shown = new Map(media.packets.map(({ hash, pts }) => [hash, pts]))
  // FFmpeg lets every track of a hybrid file begin at 0, so that its first sound is early.
  const timed = received.packets.filter(({ hash }) => name !== 'hybrid.mp4' || hash !== ofKind(media, 'audio')[0]?.hash)
  const offsets = timed.map(({ hash, pts }) => pts - (shown.get(hash) ?? Number.NaN))
  // MP4 has other units of time.
  expect(Math.max(...offsets) - Math.min(...offsets)).toBeLessThanOrEqual(name === 'movie.flv' ? 0 : 2)
  const late = received.packets.filter(({ dts, pts }) => dts > pts)
  expect(late).toEqual([])
}

function ofKind({ packets }: PacketList, kind: MediaPacket['media']): readonly MediaPacket[] {
  return packets.filter(packet => packet.media === kind)
}

function hashes(packets: readonly MediaPacket[], kind: MediaPacket['media']): string[] {
  return packets.filter(packet => packet.media === kind).map(({ hash }) => hash)
}
