import type { FastifyInstance } from 'fastify'
import type { House } from '../mount.ts'
import { ageOf, type Live, liveStream, liveStreams } from './live-streams.ts'

/**
 * Node-Media-Server's stream query: as of its versions before 4, `/nms/api/streams/APP/NAME`, and as of 4,
 * `/nms/api/v1/streams[/APP/NAME]`.
 */
export async function nms(app: FastifyInstance, { reports, access }: House): Promise<void> {
  const view = { onRequest: access.requires('view') }

  // Of a stream that is not there, too: consumers take any other status than 200 for a server that is down.
  app.get<{ Params: { '*': string } }>('/nms/api/streams/*', view, async ({ params }) =>
    oldAnswer(await liveStream(reports, params['*'])),
  )

  app.get('/nms/api/v1/streams', view, async () => {
    const streams = (await liveStreams(reports)).map(entryOf)
    return answer({ streams, total: streams.length }, 'Streams retrieved successfully')
  })
  app.get<{ Params: { '*': string } }>('/nms/api/v1/streams/*', view, async ({ params }, reply) => {
    const live = await liveStream(reports, params['*'])
    if (live === undefined) return reply.code(404).send({ success: false, data: {}, message: 'Stream not found' })
    return answer(entryOf(live), 'Stream information retrieved successfully')
  })
}

/** `duration` in seconds, `bitrate` in kilobits per second. */
function oldAnswer(live: Live | undefined) {
  if (live === undefined || !live.stream.isPublishing)
    return { isLive: false, viewers: 0, duration: 0, bitrate: 0, startTime: null, arguments: {} }
  const { stream } = live
  return {
    isLive: true,
    viewers: stream.viewers,
    duration: Math.ceil(ageOf(stream.since) / 1000),
    bitrate: Math.round(stream.bitRate / 1000),
    startTime: stream.since ?? null,
    arguments: {},
  }
}

function answer(data: object, message: string) {
  return { success: true, data, message }
}

/** FLV's numbers of codecs, which are shown where there is one. */
const flvCodecs: Readonly<Record<string, number>> = Object.assign(Object.create(null), {
  avc1: 7,
  hvc1: 12,
  mp4a: 10,
  mp3: 2,
  speex: 11,
})

/** Rates in bytes per second. */
function entryOf({ stream, publisher }: Live) {
  const video = stream.codecs.find(({ kind }) => kind === 'video')
  const audio = stream.codecs.find(({ kind }) => kind === 'audio')
  const rate = Math.round(stream.bitRate / 8)
  return {
    key: `/${stream.id}`,
    app: stream.app,
    name: stream.name,
    status: stream.isPublishing ? 'publishing' : 'reconnecting',
    publisher:
      publisher === undefined
        ? null
        : {
            id: publisher.id,
            ip: publisher.remote.address,
            protocol: publisher.transport,
            createTime: Date.parse(publisher.since),
            videoCodec: flvCodecs[video?.codec ?? ''] ?? video?.codec ?? 0,
            videoWidth: video?.width ?? 0,
            videoHeight: video?.height ?? 0,
            videoFramerate: video?.frameRate ?? 0,
            audioCodec: flvCodecs[audio?.codec ?? ''] ?? audio?.codec ?? 0,
            audioChannels: audio?.channels ?? 0,
            audioSamplerate: audio?.sampleRate ?? 0,
            inBytes: stream.received,
          },
    subscribers: stream.viewers,
    outBytes: stream.sent,
    inBps: rate,
    outBps: rate * stream.viewers,
    recording: stream.recordings.length > 0,
  }
}
