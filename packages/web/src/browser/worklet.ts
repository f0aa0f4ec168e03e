import { SoundRing, type SoundBlock } from './player/sound-ring.ts'

/** Milliseconds between two reports while nothing happens. */
const reportEvery = 100

/** Plays what a pipeline decodes: it is fed by the port that it is given, past a page that may be busy. */
class Speaker extends AudioWorkletProcessor {
  readonly #ring = new SoundRing(sampleRate)
  #reported = 0
  #isOver = false

  constructor() {
    super()
    this.port.onmessage = ({ data }: MessageEvent<MessagePort | 'close'>) => {
      if (data === 'close') this.#isOver = true
      else data.onmessage = (event: MessageEvent<SoundBlock | 'cut'>) => this.#take(event.data)
    }
  }

  process(_inputs: Float32Array[][], [output = []]: Float32Array[][]): boolean {
    const now = currentTime * 1000
    const time = this.#ring.position
    const moved = this.#ring.pull(output, now)
    if (!moved && now - this.#reported < reportEvery) return !this.#isOver
    this.#reported = now
    const { plays, level, gaps } = this.#ring
    const frames = output[0]?.length ?? 0
    // The position is that behind what was just written, and what was cut is not before it.
    const at = plays ? currentTime + frames / sampleRate : currentTime
    this.port.postMessage({ plays, at, time: plays ? this.#ring.position : time, level, gaps })
    return !this.#isOver
  }

  #take(block: SoundBlock | 'cut'): void {
    if (block === 'cut') this.#ring.clear()
    else this.#ring.push(block, currentTime * 1000)
  }
}

registerProcessor('rtmpipe-speaker', Speaker)
