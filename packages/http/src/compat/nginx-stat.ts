import type { CodecReport, ConnectionReport, ServerReport } from '../report/report.ts'
import { groupedBy } from './grouped-by.ts'
import { ageOf, type Live, type Part, sum } from './live-streams.ts'
import { xml, type XmlElement } from './xml.ts'

/** What nginx-rtmp calls codecs, by ours. */
const codecs: Readonly<Record<string, string>> = {
  avc1: 'H264',
  hvc1: 'H265',
  av01: 'AV1',
  vp08: 'VP8',
  vp09: 'VP9',
  mp4a: 'AAC',
  mp3: 'MP3',
  Opus: 'Opus',
  'ac-3': 'AC3',
  speex: 'Speex',
}

/**
 * The statistics of nginx-rtmp as XML, its elements in its order. Bit rates are those of the last ten seconds; audio and
 * video are not counted apart, so `bw_video` is all of a stream that has video.
 */
export function nginxStat(server: ServerReport, streams: readonly Live[]): string {
  const applications = [...groupedBy(streams, ({ stream }) => stream.app)]
  const rtmp: XmlElement = [
    'rtmp',
    [
      ['nginx_version', server.version],
      ['nginx_rtmp_version', server.version],
      ['built', ''],
      ['pid', server.processes[0]?.pid ?? 0],
      ['uptime', Math.floor(ageOf(server.since) / 1000)],
      ['naccepted', sum(server.traffic, ({ accepted }) => accepted)],
      ...bandwidth(
        'in',
        sum(streams, rateIn),
        sum(server.traffic, ({ received }) => received),
      ),
      ...bandwidth(
        'out',
        sum(streams, rateOut),
        sum(server.traffic, ({ sent }) => sent),
      ),
      ['server', applications.map(([name, live]) => application(name, live))],
    ],
  ]
  return `<?xml version="1.0" encoding="utf-8" ?>\n${xml([rtmp])}\n`
}

function application(name: string, streams: readonly Live[]): XmlElement {
  const nclients = sum(streams, clientsOf)
  return [
    'application',
    [
      ['name', name],
      ['live', [...streams.map(stream), ['nclients', nclients]]],
    ],
  ]
}

function stream(live: Live): XmlElement {
  const { stream: report, publisher, players } = live
  const video = report.codecs.find(({ kind }) => kind === 'video')
  const audio = report.codecs.find(({ kind }) => kind === 'audio')
  const parts = [...(publisher === undefined ? [] : [{ connection: publisher }]), ...players]
  return [
    'stream',
    [
      ['name', report.name],
      ['time', ageOf(report.since)],
      ...bandwidth('in', rateIn(live), report.received),
      ...bandwidth('out', rateOut(live), report.sent),
      ['bw_audio', video === undefined && audio !== undefined ? rateIn(live) : 0],
      ['bw_video', video === undefined ? 0 : rateIn(live)],
      ...parts.map(client),
      ...(report.codecs.length === 0 ? [] : [meta(video, audio)]),
      ['nclients', clientsOf(live)],
      ...(report.isPublishing
        ? ([
            ['publishing', ''],
            ['active', ''],
          ] as const)
        : []),
    ],
  ]
}

function client({ connection, player }: Part): XmlElement {
  return [
    'client',
    [
      ['id', connection.id],
      ['address', connection.remote.address],
      ['time', ageOf(connection.since)],
      ...flashVer(connection),
      ['dropped', player?.dropped ?? 0],
      ['avsync', 0],
      ['timestamp', ageOf(player?.since ?? connection.since)],
      ...(player === undefined ? ([['publishing', '']] as const) : []),
      ['active', ''],
    ],
  ]
}

function flashVer({ client: name }: ConnectionReport): readonly XmlElement[] {
  return name === '' ? [] : [['flashver', name]]
}

/** All its numbers are always there: consumers fail without them. */
function meta(video: CodecReport | undefined, audio: CodecReport | undefined): XmlElement {
  return [
    'meta',
    [
      [
        'video',
        [
          ['width', video?.width ?? 0],
          ['height', video?.height ?? 0],
          ['frame_rate', Math.round(video?.frameRate ?? 0)],
          ['codec', nameOf(video)],
          ['profile', ''],
          ['compat', 0],
          ['level', 0],
        ],
      ],
      [
        'audio',
        [
          ['codec', nameOf(audio)],
          ['profile', ''],
          ['channels', audio?.channels ?? 0],
          ['sample_rate', audio?.sampleRate ?? 0],
        ],
      ],
    ],
  ]
}

function nameOf(codec: CodecReport | undefined): string {
  if (codec === undefined) return ''
  return Object.hasOwn(codecs, codec.codec) ? (codecs[codec.codec] ?? '') : codec.codec
}

function bandwidth(way: 'in' | 'out', bits: number, bytes: number): readonly XmlElement[] {
  return [
    [`bw_${way}`, bits],
    [`bytes_${way}`, bytes],
  ]
}

function rateIn({ stream: { bitRate } }: Live): number {
  return Math.round(bitRate)
}

/** What goes out is not measured by stream: each viewer gets what comes in. */
function rateOut(live: Live): number {
  return rateIn(live) * live.stream.viewers
}

function clientsOf({ players, publisher }: Live): number {
  return players.length + (publisher === undefined ? 0 : 1)
}
