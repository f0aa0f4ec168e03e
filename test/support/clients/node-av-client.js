// Publishes or plays by stream copy with node-av (FFmpeg's libraries inside Node). A program of its own, so that a call
// that never returns takes down only this process:
//   node node-av-client.js publish FILE URL | play URL
// `play` writes lines like ffmpeg's framehash; `publish` writes lines `published SECONDS`.
import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import {
  AV_LOG_DEBUG,
  AVERROR_EOF,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
  FFmpegError,
  FormatContext,
  Log,
  Packet,
} from 'node-av'

const [mode, ...rest] = process.argv.slice(2)
Log.setLevel(AV_LOG_DEBUG)
await (mode === 'publish' ? publish(rest[0], rest[1]) : play(rest[0]))

async function publish(file, url) {
  const input = await open(file)
  const output = new FormatContext()
  check(output.allocOutputContext2(null, 'flv', url), 'allocOutputContext2')
  for (const stream of input.streams) {
    const copy = output.newStream()
    check(stream.codecpar.copy(copy.codecpar), 'copy parameters')
    copy.codecpar.codecTag = 0
    copy.timeBase = stream.timeBase
  }
  check(await output.openOutput(), 'openOutput')
  check(await output.writeHeader(), 'writeHeader')
  const started = performance.now()
  let first
  for await (const packet of packets(input)) {
    first ??= packet.dts
    const seconds = Number(packet.dts - first) / 1000
    await delay(seconds * 1000 - (performance.now() - started))
    packet.rescaleTs(input.streams[packet.streamIndex].timeBase, output.streams[packet.streamIndex].timeBase)
    check(await output.interleavedWriteFrame(packet), 'interleavedWriteFrame')
    console.log(`published ${seconds}`)
  }
  check(await output.writeTrailer(), 'writeTrailer')
  await output.closeOutput()
  await input.closeInput()
}

async function play(url) {
  const input = await open(url)
  for (const [index, { codecpar, timeBase }] of input.streams.entries()) {
    const media = { [AVMEDIA_TYPE_VIDEO]: 'video', [AVMEDIA_TYPE_AUDIO]: 'audio' }[codecpar.codecType] ?? 'other'
    console.log(`#tb ${index}: ${timeBase.num}/${timeBase.den}`)
    console.log(`#media_type ${index}: ${media}`)
    const { extradata } = codecpar
    if (extradata) console.log(`#extradata ${index}, ${extradata.length}, ${md5(extradata)}`)
  }
  for await (const packet of packets(input)) {
    const { streamIndex, dts, pts, duration, size, data } = packet
    console.log([streamIndex, dts, pts, duration, size, md5(data ?? '')].join(', '))
  }
  await input.closeInput()
}

async function open(url) {
  const input = new FormatContext()
  check(await input.openInput(url), `open ${url}`)
  check(await input.findStreamInfo(), 'findStreamInfo')
  return input
}

async function* packets(input) {
  const packet = new Packet()
  packet.alloc()
  for (;;) {
    const result = await input.readFrame(packet)
    if (result === AVERROR_EOF) return
    check(result, 'readFrame')
    yield packet
    packet.unref()
  }
}

function check(result, what) {
  FFmpegError.throwIfError(result, what)
}

function md5(bytes) {
  return createHash('md5').update(bytes).digest('hex')
}
