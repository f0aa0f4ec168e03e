// Plays and decodes with node-av (FFmpeg's libraries inside Node), one after another, for so many seconds of media or up to the
// end:
//   node node-av-decode.js SECONDS URL …
// Writes a line of JSON for each: for each track its codec, packets, frames, packets that went back in time, and first and last time
// in milliseconds; and what FFmpeg complained about.
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

const [seconds, ...urls] = process.argv.slice(2)
let errors = []
Log.setLevel(AV_LOG_VERBOSE)
Log.setCallback((level, message) => {
  if (level <= AV_LOG_WARNING) errors.push(message.trim())
})
const packet = new Packet()
packet.alloc()
const frame = new Frame()
frame.alloc()
for (const url of urls) {
  console.log(JSON.stringify({ tracks: await decode(url), errors }))
  errors = []
}
process.exit(0)

async function decode(url) {
  const input = new FormatContext()
  check(await input.openInput(url), `open ${url}`)
  check(await input.findStreamInfo(), 'findStreamInfo')
  const tracks = await Promise.all(input.streams.map(open))
  for (;;) {
    const result = await input.readFrame(packet)
    if (result === AVERROR_EOF) break
    check(result, 'readFrame')
    const track = tracks[packet.streamIndex]
    const time = Number(packet.dts) * track.unit
    if (time < track.last) track.backwards += 1
    track.last = time
    track.first ??= time
    track.packets += 1
    const sent = await track.decoder.sendPacket(packet)
    if (sent < 0) errors.push(`sendPacket: ${sent}`)
    await receive(track)
    packet.unref()
    if (time - track.first >= Number(seconds) * 1000) break
  }
  for (const track of tracks) {
    await track.decoder.sendPacket(null)
    await receive(track)
  }
  return tracks.map(({ kind, codec, width, height, packets, frames, backwards, first, last }) => {
    return { kind, codec, width, height, packets, frames, backwards, first, last }
  })
}

async function open({ codecpar, timeBase }) {
  const codec = Codec.findDecoder(codecpar.codecId)
  const decoder = new CodecContext()
  decoder.allocContext3(codec)
  check(decoder.parametersToContext(codecpar), 'parametersToContext')
  decoder.pktTimebase = timeBase
  check(await decoder.open2(codec), `open ${codec.name}`)
  const kind = codecpar.codecType === AVMEDIA_TYPE_VIDEO ? 'video' : 'audio'
  const unit = (1000 * timeBase.num) / timeBase.den
  const counts = { packets: 0, frames: 0, backwards: 0, first: undefined, last: -Infinity }
  return { kind, codec: codec.name, width: codecpar.width, height: codecpar.height, ...counts, decoder, unit }
}

async function receive(track) {
  for (;;) {
    const result = await track.decoder.receiveFrame(frame)
    if (result === AVERROR_EAGAIN || result === AVERROR_EOF) return
    if (result < 0) return void errors.push(`receiveFrame: ${result}`)
    track.frames += 1
    frame.unref()
  }
}

function check(result, what) {
  FFmpegError.throwIfError(result, what)
}
