import { readTrack } from './read-track.ts'
import { soundProcessor, workerUrl } from './worker-url.ts'

/** Packets of 10 ms that may wait in the browser while the page is busy. */
const maxWaiting = 500

/** What the AudioWorklet tells: a plane of samples for each channel. */
interface Samples {
  readonly planes: readonly Float32Array<ArrayBuffer>[]
  /** Milliseconds since 1970. */
  readonly time: number
}

/** Gives the sound of a track, which is to be closed, until the function that it returns is called. */
export function readSound(track: MediaStreamTrack, take: (data: AudioData) => void): () => void {
  return readTrack(track, maxWaiting, take) ?? readWorklet(track, take)
}

function readWorklet(track: MediaStreamTrack, take: (data: AudioData) => void): () => void {
  const context = new AudioContext()
  const { sampleRate } = context
  const start = async (): Promise<void> => {
    await context.audioWorklet.addModule(workerUrl())
    const node = new AudioWorkletNode(context, soundProcessor, { numberOfOutputs: 0 })
    node.port.addEventListener('message', ({ data }: MessageEvent<Samples>) => {
      const { planes, time } = data
      const frames = planes[0]?.length ?? 0
      const samples = new Float32Array(frames * planes.length)
      planes.forEach((plane, at) => samples.set(plane, at * frames))
      take(
        new AudioData({
          format: 'f32-planar',
          sampleRate,
          numberOfFrames: frames,
          numberOfChannels: planes.length,
          timestamp: time * 1_000,
          data: samples,
        }),
      )
    })
    node.port.start()
    context.createMediaStreamSource(new MediaStream([track])).connect(node)
    await context.resume()
  }
  // A context that was closed meanwhile.
  void start().catch(() => {})
  return () => void context.close().catch(() => {})
}
