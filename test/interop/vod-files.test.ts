import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeErrors, type FfmpegName, playWithFfmpeg } from '../support/clients.ts'
import { liveRecipe, type Media, makeMedia } from '../support/media.ts'
import { type MediaPacket, type PacketList, fileHashes, packetsOf, parseFramehash } from '../support/packets.ts'
import { available, ffmpeg2018, requireClient } from '../support/programs.ts'
import { run, RunningProgram } from '../support/running-program.ts'
import { ServerProcess } from '../support/server-process.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { words } from '../support/words.ts'

// Files as FFmpeg of two versions makes them, and names as clients write them.

const makers = { ffmpeg: () => 'ffmpeg', 'ffmpeg-2018': ffmpeg2018 } as const
const versions: readonly FfmpegName[] = ['ffmpeg', 'ffmpeg-2018']
const hour = 3_600_000

let folder: TemporaryFolder
let server: ServerProcess
let media: Media

beforeAll(async () => {
  folder = await TemporaryFolder.create()
  media = await makeMedia(liveRecipe)
  server = await ServerProcess.start({ args: words`--vod ${folder.path}` })
})
afterAll(async () => {
  await server?.stop()
  await folder?.[Symbol.asyncDispose]()
})

describe.concurrent('a name with a blank, a question mark, a number sign and Cyrillic letters', () => {
  const escaped = `${encodeURIComponent('Мои фильмы')}/${encodeURIComponent('what? #1 100%')}`

  beforeAll(async () => {
    await mkdir(folder.file('Мои фильмы'))
    await writeFile(folder.file('Мои фильмы/what? #1 100%.flv'), await readFile(media.file))
  })

  test.for(versions)('is found by %s', async (version, context) => {
    await requireClient(context, version)
    await using player = playWithFfmpeg(version, `${server.urls.rtmp}/vod/${escaped}.flv`)
    expect(ofKind(await player.finish(), 'video')).toEqual(ofKind(media, 'video'))
  })

  test('is found by rtmpdump, which decodes names itself', async context => {
    await requireClient(context, 'rtmpdump')
    const file = folder.file('named.flv.part')
    await download(`${server.urls.rtmp}/vod/${escaped}`, file)
    expect(ofKind(await packetsOf(file), 'video')).toEqual(ofKind(media, 'video'))
  })

  test('leads nowhere else', async context => {
    await requireClient(context, 'ffmpeg', 'rtmpdump')
    const url = `${server.urls.rtmp}/vod/%2e%2e%2f..%2f..%2f..%2f..%2f${media.file.slice(1).replaceAll('/', '%2f')}`
    await using ffmpeg = new RunningProgram({ file: 'ffmpeg', args: words`-nostdin -v error -i ${url} -f null -` })
    await ffmpeg.finish(1)
    await using rtmpdump = new RunningProgram({
      file: 'rtmpdump',
      args: words`-q -r ${url} -o ${folder.file('none.part')}`,
    })
    await rtmpdump.finish(1)
  })
})

describe.concurrent.each(versions)('an FLV file by %s that begins at an hour', version => {
  const name = `hour-${version}`

  beforeAll(async () => {
    const output = words`-c copy -output_ts_offset ${hour / 1000} -f flv ${folder.file(`${name}.flv`)}`
    if ('version' in (await available(version)))
      await run(makers[version](), words`-nostdin -v error -y -i ${media.file} ${output}`)
  })

  test('is played from 0, and FFmpeg seeks in it', async context => {
    await requireClient(context, 'ffmpeg', version)
    const { packets } = await framesOf(words`-i ${`${server.urls.rtmp}/vod/${name}`}`)
    expect(packets.find(packet => packet.media === 'video')?.dts).toBeLessThan(200)
    expect(packets.map(({ hash }) => hash).toSorted()).toEqual(media.packets.map(({ hash }) => hash).toSorted())
    const sought = await framesOf(words`-rtmp_buffer 500 -ss 2 -i ${`${server.urls.rtmp}/vod/${name}`}`)
    expect(ofKind(sought, 'video')).toEqual(ofKind(media, 'video').slice(45))
  })

  test('is downloaded in part by rtmpdump', async context => {
    await requireClient(context, 'rtmpdump', version)
    const file = folder.file(`${name}.part`)
    await download(`${server.urls.rtmp}/vod/${name}`, file, ...words`--start 1 --stop 3`)
    const { length } = ofKind(await packetsOf(file), 'video')
    expect(ofKind(await packetsOf(file), 'video')).toEqual(ofKind(media, 'video').slice(30, 30 + length))
    expect(length).toBeGreaterThan(55)
  })
})

test.concurrent.for(versions)(
  'an FLV file by %s whose timestamps begin anew on the way is played on',
  async (version, context) => {
    await requireClient(context, 'ffmpeg', version)
    const name = `anew-${version}`
    // FFmpeg writes 31 bits of a timestamp.
    const output = words`-c copy -output_ts_offset ${2 ** 31 / 1000 - 2} -f flv ${folder.file(`${name}.flv`)}`
    await run(makers[version](), words`-nostdin -v error -y -i ${media.file} ${output}`)
    const { packets } = await framesOf(words`-i ${`${server.urls.rtmp}/vod/${name}`}`)
    const pictures = packets.filter(packet => packet.media === 'video')
    const whole = media.packets.filter(packet => packet.media === 'video')
    expect(pictures.map(({ hash }) => hash)).toEqual(whole.map(({ hash }) => hash))
    const length = (of: readonly MediaPacket[]): number => (of.at(-1)?.dts ?? 0) - (of[0]?.dts ?? 0)
    expect(Math.abs(length(pictures) - length(whole))).toBeLessThan(100)
  },
)

test.concurrent.for(versions)(
  'an FLV file of two encodings by %s is decoded from the second on',
  async (version, context) => {
    await requireClient(context, 'ffmpeg', 'rtmpdump', version)
    const second = folder.file(`second-${version}.flv`)
    const source = words`-f lavfi -i testsrc2=size=160x120:rate=30 -f lavfi -i sine=sample_rate=22050 -t 4`
    const codecs = words`-pix_fmt yuv420p -c:v libx264 -profile:v baseline -g 15 -c:a aac -ac 2`
    await run(makers[version](), words`-nostdin -v error -y ${source} ${codecs} -output_ts_offset 4.1 ${second}`)
    // Without the header of the second file and the back pointer behind it.
    const joined = Buffer.concat([await readFile(media.file), (await readFile(second)).subarray(13)])
    await writeFile(folder.file(`joined-${version}.flv`), joined)
    const file = folder.file(`joined-${version}.part.flv`)
    await download(`${server.urls.rtmp}/vod/joined-${version}`, file, ...words`--start 6`)
    expect(await decodeErrors(file)).toEqual([])
    const probe = words`-v error -show_entries stream=width,height,sample_rate -of csv ${file}`
    const { stdout } = await run('ffprobe', probe)
    expect(stdout).toContain('stream,160,120')
    expect(stdout).toContain('stream,22050')
  },
)

describe.concurrent.each(versions)('an MP4 file by %s', version => {
  test('that was cut without encoding begins where its edit list says', async context => {
    await requireClient(context, 'ffmpeg', version)
    const file = folder.file(`cut-${version}.mp4`)
    await run(makers[version](), words`-nostdin -v error -y -ss 1.2 -i ${media.file} -t 2 -c copy ${file}`)
    await using player = playWithFfmpeg('ffmpeg', `${server.urls.rtmp}/vod/cut-${version}.mp4`)
    const received = await player.finish()
    const [pictures, heard] = await fileHashes(file)
    expect(ofKind(received, 'video')).toEqual(pictures)
    // FFmpeg takes more sound from before the beginning.
    const sounds = ofKind(received, 'audio')
    expect(sounds.length).toBeGreaterThan(80)
    expect(sounds).toEqual(heard.slice(-sounds.length))
  })

  test.for(['mp4', 'mov'])('with MP3 in %s is played whole', async (extension, context) => {
    await requireClient(context, 'ffmpeg', version)
    const name = `mp3-${version}.${extension}`
    const codecs = words`-c:v copy -c:a libmp3lame`
    await run(makers[version](), words`-nostdin -v error -y -i ${media.file} ${codecs} ${folder.file(name)}`)
    await using player = playWithFfmpeg('ffmpeg', `${server.urls.rtmp}/vod/${name}`)
    const received = await player.finish()
    expect([ofKind(received, 'video'), ofKind(received, 'audio')]).toEqual(await fileHashes(folder.file(name)))
  })

  test('that is encrypted is refused with the reason, to the player and in the log', async context => {
    await requireClient(context, 'ffmpeg', version)
    const name = `locked-${version}.mp4`
    const keys = words`-encryption_key 000102030405060708090a0b0c0d0e0f -encryption_kid 000102030405060708090a0b0c0d0e0f`
    const output = words`-c copy -encryption_scheme cenc-aes-ctr ${keys} ${folder.file(name)}`
    await run(makers[version](), words`-nostdin -v error -y -i ${media.file} ${output}`)
    const args = words`-nostdin -v error -i ${`${server.urls.rtmp}/vod/${name}`} -f null -`
    await using program = new RunningProgram({ file: 'ffmpeg', args })
    const { stderr } = await program.finish(1)
    const reason = 'it has video encv (encrypted), audio enca (encrypted)'
    expect(stderr.join('\n')).toContain(`${name} can not be played: ${reason}`)
    const line = new RegExp(`"stream":"[^"]*${name}".*the file can not be played: it has video encv`)
    await server.program.waitForLine(line)
  })
})

/** rtmpdump says 2, "may be incomplete", when the duration counts the last frame's as well. */
async function download(url: string, file: string, ...options: readonly string[]): Promise<void> {
  await using program = new RunningProgram({ file: 'rtmpdump', args: words`-q -r ${url} -o ${file} ${options}` })
  await program.finish(0, 2)
}

async function framesOf(input: readonly string[]): Promise<PacketList> {
  const output = words`-c copy -copyts -copyinkf -map 0:v -map 0:a -f framehash -hash md5 pipe:1`
  const { stdout } = await run('ffmpeg', words`-nostdin -v error ${input} ${output}`)
  return parseFramehash(stdout)
}

function ofKind({ packets }: PacketList, kind: MediaPacket['media']): string[] {
  return packets.filter(packet => packet.media === kind).map(({ hash }) => hash)
}
