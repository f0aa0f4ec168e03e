import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { FlvDemuxer, parseAudioTag, parseVideoTag } from '@rtmpipe/flv'
import {
  connect,
  createServer,
  type Listener,
  MediaRole,
  mediaRole,
  MessageType,
  type PlayStream,
  type RtmpClient,
  type RtmpMessage,
  tcp,
} from 'rtmpipe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { playWithNodeAv, publishWithNodeAv } from '../support/clients.ts'
import { requireClient } from '../support/programs.ts'
import type { RunningProgram } from '../support/running-program.ts'

/** Files of packages/flv/test/fixtures, written by FFmpeg 8.1, and the Enhanced codecs, tracks and packet types in them. */
const recordings: readonly (readonly [name: string, video: readonly string[], audio: readonly string[]])[] = [
  ['hevc-opus', each(['hvc1 0'], [0, 1, 4]), each(['Opus 0'], [0, 1, 4])],
  ['av1-flac', each(['av01 0'], [0, 1, 4]), each(['fLaC 0'], [0, 1, 4])],
  ['vp9-ac3', each(['vp09 0'], [0, 1, 4]), each(['ac-3 0'], [0, 1, 4])],
  ['hevc-hdr-eac3', each(['hvc1 0'], [0, 1, 4]), each(['ec-3 0'], [0, 1, 4])],
  ['vp9-opus51', each(['vp09 0'], [0, 1, 4]), each(['Opus 0'], [0, 1, 4])],
  ['multitrack', each(['avc1 1'], [0, 1]), each(['mp4a 1'], [0, 1, 4])],
  [
    'manycodecs',
    // FFmpeg sends the metadata of later tracks as if they were the first.
    [...each(['hvc1 0'], [0, 3, 4]), ...each(['av01 1', 'vp09 2'], [0, 1]), 'av01 0 4', 'vp09 0 4'],
    each(['Opus 0', 'mp4a 1', 'fLaC 2', '.mp3 3', 'ec-3 4', 'ac-3 5'], [0, 1, 4]),
  ],
]

const server = createServer({ transports: [tcp({ host: '127.0.0.1', port: 0 })] })
const players: string[] = []
const onPlayer = new Set<() => void>()
let url: string

beforeAll(async () => {
  server.use({
    name: 'watch',
    onPlayStart: ({ streamName }) => {
      players.push(streamName)
      for (const check of onPlayer) check()
    },
  })
  const [{ address }] = (await server.listen()) as [Listener]
  url = `rtmp://127.0.0.1:${address.port}/live`
})
afterAll(() => server.close())

describe.concurrent('published by FFmpeg 8', () => {
  test.for(recordings)('%s is played bit for bit', async ([name, video, audio], context) => {
    await requireClient(context, 'node-av')
    await using receiver = await Receiver.start(name)
    await using player = playWithNodeAv(`${url}/${name}`)
    await played(name, 2)
    await using publisher = publishWithNodeAv(fileOf(name), `${url}/${name}`)
    await publisher.finish()
    const messages = await receiver.ended
    // FFmpeg writes colors anew, from what it has read of them and found in the pictures.
    const isAsRead = (message: RtmpMessage) => mediaRole(message) !== MediaRole.VideoColors
    expect(described(messages.filter(isAsRead)).sort()).toEqual(described(mediaOf(name).filter(isAsRead)).sort())
    expect(inventory(messages, MessageType.Video)).toEqual([...video].sort())
    expect(inventory(messages, MessageType.Audio)).toEqual([...audio].sort())
    expect(await streamsOf(player.program)).toEqual(await streamsOfFile(name))
  })
})

describe.concurrent('a late player', () => {
  test.for(recordings)('gets headers and pictures of all tracks of %s, bit for bit', async ([name], context) => {
    await requireClient(context, 'node-av')
    const stream = `late-${name}`
    await using client = await connect(url)
    const publisher = await client.publish(stream)
    await using early = await Receiver.start(stream)
    // Headers come once, and what is coded twice: only the second time is of use.
    const media = mediaOf(name)
    const head = media.filter(message => !isCoded(message))
    const coded = media.filter(isCoded)
    const again = coded.map(message => ({ ...message, timestamp: message.timestamp + 2000 }))
    for (const message of [...media, ...again]) publisher.write(message)
    await early.has(media.length + again.length)

    await using late = await Receiver.start(stream)
    await using player = playWithNodeAv(`${url}/${stream}`)
    await played(stream, 3)
    await new Promise<void>(resolve => void publisher.end(resolve))

    const messages = await late.ended
    const start = again.findIndex(message => message.messageTypeId === MessageType.Video)
    expect(described(messages.slice(head.length))).toEqual(described(again.slice(start)))
    const timestamp = again[start]?.timestamp
    const expected = head.map(message => ({ ...message, timestamp: timestamp ?? 0 }))
    expect(described(messages.slice(0, head.length)).sort()).toEqual(described(expected).sort())
    const roles = messages.slice(0, head.length).map(mediaRole)
    expect(roles).toEqual(roles.toSorted((one, other) => one - other))

    const [whole, shown] = [await streamsOfFile(name), await streamsOf(player.program)]
    const extradata = (tracks: readonly Track[]) => tracks.map(track => `${track.media} ${track.extradata}`).sort()
    expect(extradata(shown)).toEqual(extradata(whole))
    const hashes = (tracks: readonly Track[]) => tracks.flatMap(({ packets }) => packets.map(({ hash }) => hash)).sort()
    // Audio before the first picture is of no group.
    expect(hashes(shown)).toHaveLength(hashes(whole).length - start)
    expect(hashes(whole)).toEqual(expect.arrayContaining(hashes(shown)))
  })
})

/** Audio and video that our own client plays. */
class Receiver implements AsyncDisposable {
  readonly ended: Promise<RtmpMessage[]>
  readonly #client: RtmpClient
  readonly #messages: RtmpMessage[] = []
  #onMessage = (): void => {}

  static async start(streamName: string): Promise<Receiver> {
    const client = await connect(url)
    return new Receiver(client, await client.play(streamName))
  }

  private constructor(client: RtmpClient, stream: PlayStream) {
    this.#client = client
    stream.on('data', (message: RtmpMessage) => {
      if (message.messageTypeId === MessageType.DataAmf0) return
      this.#messages.push(message)
      this.#onMessage()
    })
    this.ended = new Promise((resolve, reject) => {
      stream.on('end', () => resolve(this.#messages)).on('error', reject)
    })
  }

  has(count: number): Promise<void> {
    return until(
      () => this.#messages.length >= count,
      check => (this.#onMessage = check),
    )
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#client[Symbol.asyncDispose]()
  }
}

/** Resolves when so many players have begun to play the stream. */
function played(streamName: string, count: number): Promise<void> {
  return until(
    () => players.filter(name => name === streamName).length >= count,
    check => onPlayer.add(check),
  )
}

function until(isTrue: () => boolean, onChange: (check: () => void) => unknown): Promise<void> {
  return new Promise(resolve => {
    const check = () => {
      if (isTrue()) resolve()
    }
    onChange(check)
    check()
  })
}

function each(tracks: readonly string[], packetTypes: readonly number[]): string[] {
  return tracks.flatMap(track => packetTypes.map(packetType => `${track} ${packetType}`))
}

function fileOf(name: string): string {
  return fileURLToPath(new URL(`../../packages/flv/test/fixtures/${name}.flv`, import.meta.url))
}

/** Audio and video of a recording. */
function mediaOf(name: string): RtmpMessage[] {
  const messages: RtmpMessage[] = []
  const demuxer = new FlvDemuxer()
  demuxer.push(readFileSync(fileOf(name)), message => {
    if (message.messageTypeId !== MessageType.DataAmf0) messages.push({ ...message, messageStreamId: 0 })
  })
  demuxer.end()
  return messages
}

function isCoded(message: RtmpMessage): boolean {
  return mediaRole(message) >= MediaRole.Audio
}

function described(messages: readonly RtmpMessage[]): string[] {
  return messages.map(({ messageTypeId, timestamp, payload }) => `${messageTypeId} ${timestamp} ${md5(payload)}`)
}

/** FourCC, track and packet type of all that is Enhanced. */
function inventory(messages: readonly RtmpMessage[], messageTypeId: number): string[] {
  const tags = messages
    .filter(message => message.messageTypeId === messageTypeId)
    .map(({ payload }) => (messageTypeId === MessageType.Video ? parseVideoTag(payload) : parseAudioTag(payload)))
    .flatMap(tag => (tag.kind === 'enhanced' ? [tag] : []))
  const found = tags.flatMap(({ packetType, tracks }) =>
    tracks.map(({ fourCc, trackId }) => `${fourCc} ${trackId} ${packetType}`),
  )
  return [...new Set(found)].sort()
}

function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex')
}

/** A track as FFmpeg's demuxer sees it. */
interface Track {
  readonly media: string | undefined
  readonly extradata: string | undefined
  readonly packets: readonly { readonly times: string; readonly hash: string }[]
}

async function streamsOfFile(name: string): Promise<Track[]> {
  await using reader = playWithNodeAv(fileOf(name))
  return await streamsOf(reader.program)
}

/** Its tracks in no order: that in which it finds them differs. */
async function streamsOf(program: RunningProgram): Promise<Track[]> {
  const { stdout } = await program.finish()
  const rows = stdout.map(line => line.replace(/^#(\w+) (\d+)[:,] /, '$2, #$1, ').split(', '))
  const indexes = [...new Set(rows.map(([index]) => index))]
  return indexes
    .map(index => {
      const own = rows.filter(row => row[0] === index)
      return {
        media: own.find(row => row[1] === '#media_type')?.[2],
        extradata: own.find(row => row[1] === '#extradata')?.[3],
        packets: own
          // A header or a set of channels may come as an empty packet.
          .filter(([, dts, , , size]) => !dts?.startsWith('#') && size !== '0')
          .map(([, dts, pts, , size, hash]) => ({ times: `${dts} ${pts}`, hash: `${size} ${hash}` })),
      }
    })
    .sort((one, other) => JSON.stringify(one).localeCompare(JSON.stringify(other)))
}
