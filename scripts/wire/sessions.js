import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
const nodeAv = fileURLToPath(new URL('../../test/support/clients/node-av-client.js', import.meta.url))

/** The ffmpeg of 2018 inside the npm package. */
export const ffmpeg2018 = require('@ffmpeg-installer/ffmpeg').path

/**
 * @typedef {object} Session
 * @property {string} name
 * @property {string} client
 * @property {'publish' | 'play'} role
 * @property {'rtmp' | 'rtmpt'} transport
 * @property {string} [note] - what is special about it
 * @property {number} [serverChunkSize] - of the recorded server, 60000 if not given
 * @property {(media: string, url: string) => string[]} command
 */

/** @type {Session[]} */
export const sessions = [
  publish('ffmpeg-5.1', 'rtmp', ffmpegPublish('ffmpeg')),
  publish('ffmpeg-5.1', 'rtmpt', ffmpegPublish('ffmpeg')),
  {
    ...publish('ffmpeg-5.1', 'rtmp', ffmpegPublish('ffmpeg', '-output_ts_offset', '16776.8')),
    name: 'ffmpeg-5.1-publish-extended-timestamp',
    note: 'timestamps cross 16777215, so that the later ones are extended',
  },
  {
    ...play('ffmpeg-5.1', 'rtmp', ffmpegPlay('ffmpeg')),
    note: 'the server sends chunks of 128 bytes; the client ends the play itself',
    serverChunkSize: 128,
  },
  play('ffmpeg-5.1', 'rtmpt', ffmpegPlay('ffmpeg')),
  publish('ffmpeg-2018', 'rtmp', ffmpegPublish(ffmpeg2018)),
  publish('node-av', 'rtmp', (media, url) => [process.execPath, nodeAv, 'publish', media, url]),
  play('node-av', 'rtmp', (_, url) => [process.execPath, nodeAv, 'play', url]),
  play('rtmpdump', 'rtmp', rtmpdump),
  play('rtmpdump', 'rtmpt', rtmpdump),
  { ...publish('gstreamer', 'rtmp', gstreamerPublish), note: 'the client sends chunks of 128 bytes' },
  play('gstreamer', 'rtmp', (_, url) => `gst-launch-1.0 -q rtmp2src location=${url} ! fakesink`.split(' ')),
]

/** How to learn each client's version: a command and the line to look for. */
export const versions = {
  'ffmpeg-5.1': [['ffmpeg', '-version'], /^ffmpeg version \S+/m],
  'ffmpeg-2018': [[ffmpeg2018, '-version'], /^ffmpeg version \S+/m],
  'node-av': [
    [process.execPath, '--input-type=module', '-e', "import('node-av').then(av => console.log(av.ffmpegVersion()))"],
    /^.+$/m,
  ],
  rtmpdump: [['rtmpdump', '-h'], /^RTMPDump \S+/m],
  gstreamer: [['gst-launch-1.0', '--version'], /^GStreamer \S+/m],
}

function publish(client, transport, command) {
  return { name: `${client}-publish-${transport}`, client, role: 'publish', transport, command }
}

function play(client, transport, command) {
  return { name: `${client}-play-${transport}`, client, role: 'play', transport, command }
}

function ffmpegPublish(file, ...options) {
  return (media, url) => [file, '-v', 'error', '-i', media, '-c', 'copy', ...options, '-f', 'flv', url]
}

function ffmpegPlay(file) {
  return (_, url) => [file, '-v', 'error', '-i', url, '-frames:v', '20', '-c', 'copy', '-f', 'null', '-']
}

function rtmpdump(_, url) {
  return ['rtmpdump', '-q', '--live', '-r', url, '-o', '/dev/null']
}

function gstreamerPublish(media, url) {
  const pipeline = `filesrc location=${media} ! flvdemux name=demux flvmux name=mux streamable=true
    ! rtmp2sink location=${url} sync=false demux.video ! queue ! mux.video demux.audio ! queue ! mux.audio`
  return ['gst-launch-1.0', '-q', ...pipeline.split(/\s+/)]
}
