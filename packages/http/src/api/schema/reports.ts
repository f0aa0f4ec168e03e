import type {
  AddressReport,
  ClusterReport,
  CodecReport,
  ConnectionReport,
  PlayerReport,
  ProcessReport,
  RecordingReport,
  RefusalReport,
  RelayReport,
  ServerEvent,
  ServerReport,
  StreamReport,
  TrafficReport,
} from '../../report/report.ts'
import { amount, count, inner, list, maybe, object, oneOf, type Schema, text, time, yesOrNo } from './schema.ts'

const worker = maybe(count('process of `--workers`, from 0; absent when there is one'))

const address: Schema<AddressReport> = inner<AddressReport>('where it comes from', {
  address: text('IP address'),
  port: count('port'),
})

const process: Schema<ProcessReport> = object<ProcessReport>('Process', 'one process of the server', {
  worker,
  pid: count('process id'),
  since: time('when it started'),
  cpu: amount('share of one core since the report before: 1 is a whole core'),
  rss: count('resident memory, bytes'),
  heapUsed: count('used memory of the JavaScript heap, bytes'),
  eventLoopDelay: amount('99th percentile of how late the event loop was in the last ten seconds, milliseconds'),
})

const traffic: Schema<TrafficReport> = object<TrafficReport>('Traffic', 'what came and went by one transport', {
  transport: text('such as `rtmp`'),
  accepted: count('connections since the start'),
  received: count('bytes'),
  sent: count('bytes'),
})

export const clusterReport: Schema<ClusterReport> = object<ClusterReport>(
  'Cluster',
  'how the server fares in a cluster of many machines, since the start',
  {
    connections: count('connections to NATS that it is to have, of all its processes'),
    connected: count('those of them that are up'),
    servers: list('servers of NATS that it is connected to', text('`HOST:PORT`')),
    joined: count(
      'streams of other machines that it has joined, at present; each process of `--workers` counts its own',
    ),
    offered: count('its own streams that other machines may join, at present'),
    reconnects: count('connections after the first ones'),
    frozen: count('of those, how many because a server of NATS had fallen silent'),
    dropped: count('messages that were not sent to other machines: NATS was down, or did not take them in time'),
    droppedBytes: count('bytes in them'),
    late: count('times that what came from another machine was too old, and thrown away'),
    holes: count('times that messages of another machine were missing, and video waited for the next keyframe'),
    rejoins: count('times that another machine was asked again for a stream that had been joined'),
    lost: count('joined streams that were lost while their publish was not known to have ended'),
  },
)

export const serverReport: Schema<ServerReport> = object<ServerReport>('Server', 'the server as a whole', {
  version: text('of rtmpipe'),
  node: text('version of Node'),
  since: time('when it started'),
  isDraining: yesOrNo('true while it lets nobody new in, and ends when all have left'),
  processes: list('one, or several with `--workers`', process),
  connections: count('connections at present'),
  publishers: count('publishes at present'),
  players: count('plays at present'),
  streams: count('streams at present'),
  traffic: list('by transport, since the start', traffic),
  cluster: maybe(clusterReport),
})

export const connectionReport: Schema<ConnectionReport> = object<ConnectionReport>(
  'Connection',
  "a client's connection",
  {
    id: text('unique'),
    worker,
    transport: text('such as `rtmp`'),
    secure: yesOrNo('true over TLS and RTMFP'),
    remote: address,
    peerId: maybe(text('its fingerprint, by which other clients can ask for it; only over RTMFP')),
    since: time('when it was accepted'),
    app: text('application; empty before `connect`'),
    tcUrl: text('URL that the client connected to, without its query: keys stand there'),
    client: text('what the client calls itself'),
    principal: maybe(text('who it has proved to be')),
    received: count('bytes'),
    sent: count('bytes'),
    roundTrip: maybe(amount('milliseconds')),
    publishes: list('ids of streams that it publishes', text('id of a stream')),
    plays: list('ids of its players', text('id of a player')),
  },
)

const codec: Schema<CodecReport> = object<CodecReport>('Codec', 'a codec of a stream', {
  kind: oneOf('what it is of', ['audio', 'video']),
  codec: text('FourCC, such as `avc1` or `mp4a`'),
  isEnhanced: yesOrNo('true when it is sent as Enhanced RTMP'),
  width: maybe(count('pixels')),
  height: maybe(count('pixels')),
  frameRate: maybe(amount('pictures per second')),
  sampleRate: maybe(amount('hertz')),
  channels: maybe(count('channels of sound')),
})

export const recordingReport: Schema<RecordingReport> = object<RecordingReport>(
  'Recording',
  'a recording in progress',
  {
    id: text('unique while it goes on'),
    stream: text('id of the stream'),
    by: text('plugin that records'),
    since: time('when it began'),
    bytes: count('bytes written'),
  },
)

export const relayReport: Schema<RelayReport> = object<RelayReport>(
  'Relay',
  'a relay of a stream to or from another server',
  {
    id: text('unique while it goes on'),
    stream: text('id of the stream'),
    by: text('plugin that relays'),
    direction: oneOf('to another server, or from it', ['push', 'pull']),
    url: text('where to or from, without key, query and password'),
    state: oneOf('what it does', ['connecting', 'running', 'waiting']),
    since: time('since when it is in that state'),
    bytes: count('bytes relayed'),
    attempts: count('times that it began anew'),
    lastError: maybe(text('what went wrong last')),
  },
)

export const streamReport: Schema<StreamReport> = object<StreamReport>('Stream', 'a live stream', {
  id: text('`app/name`'),
  worker,
  app: text('application; may have slashes in it, as of an instance'),
  name: text('name of the stream'),
  isLive: yesOrNo('true while it is published, and while its publisher is expected back'),
  isPublishing: yesOrNo('true while a client publishes it, or it is fetched or supplied'),
  origin: maybe(oneOf('where its media comes from', ['publisher', 'source', 'supply'])),
  publisher: maybe(text("id of the publisher's connection")),
  since: maybe(time('when the present publish began')),
  received: count('bytes of media of the present publish'),
  sent: count('bytes handed to viewers so far, those who have left included; so is what slow ones have not taken'),
  bitRate: amount('bits per second, over ten seconds'),
  codecs: list('what it is made of', codec),
  viewers: count('players at present'),
  gop: maybe(
    inner<NonNullable<StreamReport['gop']>>('the last complete group of pictures', {
      duration: amount('milliseconds'),
      pictures: count('pictures'),
    }),
  ),
  clockDrift: maybe(
    amount("how far the publisher's clock has run ahead of ours since the publish began, milliseconds"),
  ),
  gaps: count("times that the publisher's clock jumped by more than a second"),
  lastGap: maybe(time('when it last did')),
  recordings: list('of this stream', recordingReport),
  relays: list('of this stream', relayReport),
})

export const playerReport: Schema<PlayerReport> = object<PlayerReport>('Player', 'a play in progress', {
  id: text('unique'),
  worker,
  connection: text('id of its connection'),
  app: text('application'),
  name: text('name of the stream or file'),
  stream: maybe(text('id of the live stream; absent when a file is played')),
  since: time('when it began'),
  sent: count('bytes'),
  lag: inner<PlayerReport['lag']>('what waits in the server for this player', {
    bytes: count('bytes'),
    duration: amount('milliseconds of media'),
  }),
  dropped: count('messages that it could not take'),
  isSlow: yesOrNo('true while its lag is above half a second'),
})

export const refusalReport: Schema<RefusalReport> = object<RefusalReport>('Refusal', 'somebody who was not let in', {
  id: count('goes up'),
  worker,
  at: time('when'),
  what: oneOf('what was refused', ['connect', 'publish', 'play', 'play2', 'shared object']),
  remote: address,
  client: text('what the client calls itself'),
  app: text('application'),
  name: maybe(text('of the stream, with its key masked')),
  plugin: maybe(text('who refused; absent when the server itself did')),
  code: text('status code that the client was told'),
  reason: text('why'),
})

export const serverEvent: Schema<ServerEvent> = object<ServerEvent>('Event', 'what has happened', {
  id: count('goes up by one'),
  at: time('when'),
  type: oneOf('what', [
    'connection.start',
    'connection.end',
    'publish.start',
    'publish.end',
    'play.start',
    'play.end',
    'stream.start',
    'stream.end',
    'refusal',
    'recording.start',
    'recording.end',
    'relay.change',
    'draining',
  ]),
  worker,
  connection: maybe(text('id of the connection that it is about')),
  stream: maybe(text('id of the stream that it is about')),
  player: maybe(text('id of the player that it is about')),
  code: maybe(text('of an end: the code of its error')),
  text: text('for people'),
  refusal: maybe(refusalReport),
  relay: maybe(relayReport),
})
