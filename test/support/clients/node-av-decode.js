// Plays and decodes with node-av (FFmpeg's libraries inside Node), for so many seconds of media or up to the end:
//   node node-av-decode.js URL [SECONDS]
// Writes `reading` when the server has answered, and at the end one line of JSON: for each track its codec, packets, frames, packets
// that went back in time, and first time in milliseconds; and what FFmpeg complained about.
import {
  AV_LOG_VERBOSE,
  AV_LOG_WARNING,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  AVMEDIA_TYPE_VIDEO,
  Codec,
  CodecContext,
  FFmpegError,
  FormatContext,
  Frame,
  Log,
  Packet,
} from 'node-av'

const [url, seconds = 'Infinity'] = process.argv.slice(2)
const errors = []
Log.setLevel(AV_LOG_VERBOSE)
Log.setCallback((level, message) => {
  if (level <= AV_LOG_WARNING) errors.push(message.trim())
})

const input = new FormatContext()
check(await input.openInput(url), `open ${url}`)
console.log('reading')
check(await input.findStreamInfo(), 'findStreamInfo')
const tracks = new Map()
for (const { index, codecpar, timeBase } of input.streams) {
  const codec = Codec.findDecoder(codecpar.codecId)
  const decoder = new CodecContext()
  decoder.allocContext3(codec)
  check(decoder.parametersToContext(codecpar), 'parametersToContext')
  decoder.pktTimebase = timeBase
  check(await decoder.open2(codec), `open ${codec.name}`)
  const kind = codecpar.codecType === AVMEDIA_TYPE_VIDEO ? 'video' : 'audio'
  const counted = {
    kind,
    codec: codec.name,
    width: codecpar.width,
    height: codecpar.height,
    packets: 0,
    frames: 0,
    backwards: 0,
  }
  tracks.set(index, { decoder, counted, unit: (1000 * timeBase.num) / timeBase.den, last: -Infinity })
}
const packet = new Packet()
packet.alloc()
const frame = new Frame()
frame.alloc()
for (;;) {
  const result = await input.readFrame(packet)
  if (result === AVERROR_EOF) break
  check(result, 'readFrame')
  const track = tracks.get(packet.streamIndex)
  const { counted } = track
  const time = Number(packet.dts) * track.unit
  if (time < track.last) counted.backwards += 1
  track.last = time
  counted.first ??= time
  counted.packets += 1
  const sent = await track.decoder.sendPacket(packet)
  if (sent < 0) errors.push(`sendPacket: ${sent}`)
  await receive(track)
  packet.unref()
  if (time - counted.first >= Number(seconds) * 1000) break
}
for (const track of tracks.values()) {
  await track.decoder.sendPacket(null)
  await receive(track)
}
const counted = [...tracks.values()].map(({ counted, last }) => ({ ...counted, last }))
console.log(JSON.stringify({ tracks: counted, errors }))
process.exit(0)

async function receive({ decoder, counted }) {
  for (;;) {
    const result = await decoder.receiveFrame(frame)
    if (result === AVERROR_EAGAIN || result === AVERROR_EOF) return
    if (result < 0) return void errors.push(`receiveFrame: ${result}`)
    counted.frames += 1
    frame.unref()
  }
}

function check(result, what) {
  FFmpegError.throwIfError(result, what)
}
