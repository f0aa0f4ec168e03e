import { barCode } from './bar-code.ts'

/** A page that publishes the time: painted as bars 25 times a second, and a beep in the first 50 ms of each second. */
export const publisherPage = `<!doctype html><canvas></canvas><script type="module">
${barCode}
import { Publisher } from '/rtmpipe/rtmpipe.js'
globalThis.publish = async (url, { width, height, sound, ...options }) => {
  const canvas = document.querySelector('canvas')
  Object.assign(canvas, { width, height })
  const context = canvas.getContext('2d')
  let count = 0
  setInterval(() => {
    context.fillStyle = 'hsl(' + (count++ % 360) + ' 60% 40%)'
    context.fillRect(0, height / 8, width, height)
    for (let box = 0; box < 24; box++) {
      context.fillStyle = 'hsl(' + box * 15 + ' 80% 60%)'
      context.fillRect((box * 97 + count * 3) % width, height / 6 + ((box * 53 + count * 2) % (height / 2)), 40, 30)
    }
    paintBars(context, Date.now(), width, height)
  }, 40)
  const media = canvas.captureStream(25)
  if (sound) {
    const audio = globalThis.audio = new AudioContext({ latencyHint: 'interactive', sampleRate: 48000 })
    const out = audio.createMediaStreamDestination()
    const tone = new OscillatorNode(audio, { frequency: 1000 })
    const gate = new GainNode(audio, { gain: 0 })
    tone.connect(gate).connect(out)
    tone.start()
    // What stands at the context's time now is rendered now, at the earliest. A busy machine stops that clock at times.
    const offsets = []
    let next = 0
    setInterval(() => {
      const now = performance.timeOrigin + performance.now()
      if (offsets.push(now - audio.currentTime * 1000) > 50) offsets.shift()
      const second = Math.ceil((now + 100) / 1000) * 1000
      if (second === next) return
      next = second
      const at = (second - Math.min(...offsets)) / 1000
      gate.gain.setValueAtTime(0.8, at)
      gate.gain.setValueAtTime(0, at + 0.05)
    }, 20)
    media.addTrack(out.stream.getAudioTracks()[0])
  }
  const publisher = globalThis.publisher = new Publisher(media, options)
  await publisher.publish(url)
}
</script>`

/** A page that plays such a stream and notes how late each picture is seen, and each beep heard. */
export const playerPage = `<!doctype html><canvas id="c"></canvas><script>
  const connect = AudioNode.prototype.connect
  AudioNode.prototype.connect = function (to, ...more) {
    if (to instanceof AudioDestinationNode) void probe(this)
    return connect.call(this, to, ...more)
  }
  const beeps = globalThis.beeps = []
  async function probe(node) {
    const { context } = node
    await context.audioWorklet.addModule('/probe.js')
    const listener = new AudioWorkletNode(context, 'probe', { numberOfOutputs: 0 })
    connect.call(node, listener)
    listener.port.onmessage = ({ data: at }) => {
      const { contextTime, performanceTime } = context.getOutputTimestamp()
      const heard = performance.timeOrigin + performanceTime + (at - contextTime) * 1000
      beeps.push(((heard % 1000) + 1000) % 1000)
    }
  }
</script>
<script type="module">
${barCode}
import { Player } from '/rtmpipe/rtmpipe.js'
const pictures = globalThis.pictures = []
globalThis.play = async (url, options) => {
  const canvas = document.querySelector('canvas')
  const context = canvas.getContext('2d', { alpha: false })
  const player = globalThis.player = new Player(canvas, options)
  const began = performance.now()
  let last
  const look = () => {
    requestAnimationFrame(look)
    if (canvas.width < 100) return
    const time = readBars(context, canvas.width, canvas.height)
    if (time === undefined || time === last) return
    globalThis.first ??= performance.now() - began
    last = time
    pictures.push(((Date.now() % 2 ** 32) - time + 2 ** 32) % 2 ** 32)
  }
  look()
  await player.play(url)
}
</script>`

/** A page whose video element plays FLV by mpegts.js, and that notes how late each picture is seen. */
export function videoPage(script: string): string {
  return `<!doctype html><video muted autoplay></video><script src="${script}"></script>
<script type="module">
${barCode}
const pictures = globalThis.pictures = []
globalThis.beeps = []
globalThis.play = async url => {
  const video = document.querySelector('video')
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d', { willReadFrequently: true })
  const began = performance.now()
  let last
  const look = () => {
    video.requestVideoFrameCallback(look)
    Object.assign(canvas, { width: video.videoWidth, height: video.videoHeight })
    context.drawImage(video, 0, 0)
    const time = readBars(context, canvas.width, canvas.height)
    if (time === undefined || time === last) return
    globalThis.first ??= performance.now() - began
    last = time
    pictures.push(((Date.now() % 2 ** 32) - time + 2 ** 32) % 2 ** 32)
  }
  video.requestVideoFrameCallback(look)
  globalThis.player = { stats: {} }
  const source = { type: 'flv', isLive: true, url }
  const player = mpegts.createPlayer(source, { liveBufferLatencyChasing: true, enableStashBuffer: false })
  player.attachMediaElement(video)
  player.load()
  await player.play()
}
</script>`
}

/** Tells when a beep begins, in seconds of the context. */
export const probe = `
registerProcessor('probe', class extends AudioWorkletProcessor {
  quiet = 0
  process([[plane]]) {
    for (let at = 0; plane && at < plane.length; at++) {
      if (Math.abs(plane[at]) < 0.2) { this.quiet++; continue }
      if (this.quiet > sampleRate / 5) this.port.postMessage(currentTime + at / sampleRate)
      this.quiet = 0
    }
    return true
  }
})`
