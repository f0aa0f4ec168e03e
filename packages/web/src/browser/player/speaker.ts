import { SoundClock, type SoundReport } from './sound-clock.ts'

/** Seconds in which the volume changes, so that it does not click. */
const ramp = 0.02
/** Milliseconds from one AudioContext to the next: a stream that changes its rate again and again gets no more of them. */
const contextEvery = 1_000

/** Sound as it is told before any is decoded. */
interface Format {
  readonly sampleRate: number
  readonly channels: number
}

/** Plays what a pipeline decodes, and knows what is heard. Silent until somebody wants to hear it and the browser lets it. */
export class Speaker {
  readonly #connect: (port: MessagePort | undefined, sampleRate: number) => void
  readonly #changed: () => void
  readonly #heard: () => void
  readonly #clock = new SoundClock()
  #isWanted = false
  #volume = 1
  #format: Format | undefined
  #context: AudioContext | undefined
  #gain: GainNode | undefined
  #opened: number = Number.NEGATIVE_INFINITY
  #later: ReturnType<typeof setTimeout> | undefined
  #node: AudioWorkletNode | undefined
  /** Counts what was begun: what an older one has waited for is nobody's any more. */
  #turn = 0

  /**
   * @param connect is given the port that decoded sound is for, or none if nobody listens
   * @param changed is told when it falls silent or sounds
   * @param heard is told from time to time while there is sound
   */
  constructor(
    connect: (port: MessagePort | undefined, sampleRate: number) => void,
    changed: () => void,
    heard: () => void,
  ) {
    this.#connect = connect
    this.#changed = changed
    this.#heard = heard
  }

  /** Milliseconds of the stream that are heard; undefined if nothing is. */
  get time(): number | undefined {
    const context = this.#context
    if (context === undefined || this.#node === undefined) return undefined
    return this.#clock.timeAt(context.currentTime, this.#delay)
  }

  /** Milliseconds of sound that wait, and those that the loudspeaker takes. */
  get buffer(): number {
    return this.#node === undefined ? 0 : this.#clock.level
  }

  /** Milliseconds from here to the ear. */
  get delay(): number {
    return this.#node === undefined ? 0 : this.#delay * 1000
  }

  /** How often there was nothing to play. */
  get gaps(): number {
    return this.#clock.gaps
  }

  /** True if nothing is to be heard: nobody wants it, or the browser waits for a click. */
  get muted(): boolean {
    return !this.#isWanted || (this.#context !== undefined && this.#context.state !== 'running')
  }

  set muted(muted: boolean) {
    this.#isWanted = !muted
    this.#setGain()
    if (!muted) this.#begin()
    this.#changed()
  }

  get volume(): number {
    return this.#volume
  }

  set volume(volume: number) {
    this.#volume = Math.min(Math.max(volume, 0), 1) || 0
    this.#setGain()
    this.#changed()
  }

  /** There is sound, or another kind of it. */
  expect(format: Format): void {
    if (this.#format?.sampleRate !== format.sampleRate) this.#end()
    this.#stop()
    this.#format = format
    this.#begin()
  }

  /** The stream is over. */
  reset(): void {
    this.#stop()
    this.#format = undefined
  }

  close(): void {
    this.reset()
    this.#end()
  }

  get #delay(): number {
    return this.#context?.outputLatency || this.#context?.baseLatency || 0
  }

  #begin(): void {
    clearTimeout(this.#later)
    if (this.#format === undefined || !this.#isWanted) return
    const wait = this.#context === undefined ? this.#opened + contextEvery - performance.now() : 0
    if (wait > 0) {
      this.#later = setTimeout(() => this.#begin(), wait)
      return
    }
    try {
      this.#context ??= this.#open(this.#format.sampleRate)
    } catch {
      // A rate that the browser does not play.
      this.#format = undefined
      return
    }
    if (this.#context.state === 'running') void this.#play(this.#context, this.#format)
    else void this.#context.resume().catch(() => {})
  }

  #open(sampleRate: number): AudioContext {
    this.#opened = performance.now()
    const context = new AudioContext({ sampleRate, latencyHint: 'interactive' })
    this.#gain = new GainNode(context, { gain: this.#volume })
    this.#gain.connect(context.destination)
    context.onstatechange = () => {
      if (context !== this.#context) return
      if (context.state !== 'running') this.#stop()
      else if (this.#isWanted && this.#format !== undefined) void this.#play(context, this.#format)
      this.#changed()
    }
    return context
  }

  async #play(context: AudioContext, { channels, sampleRate }: Format): Promise<void> {
    if (this.#node !== undefined) return
    const turn = ++this.#turn
    try {
      // A module that is there already is not loaded again.
      await context.audioWorklet.addModule(new URL('./worklet.js', import.meta.url))
    } catch (error) {
      reportError(error)
      return
    }
    if (turn !== this.#turn || context !== this.#context || this.#gain === undefined) return
    const node = new AudioWorkletNode(context, 'rtmpipe-speaker', {
      numberOfInputs: 0,
      outputChannelCount: [Math.min(Math.max(channels, 1), 8)],
    })
    node.port.onmessage = ({ data }: MessageEvent<SoundReport>) => {
      if (node !== this.#node) return
      this.#clock.take(data)
      if (data.plays) this.#heard()
    }
    node.connect(this.#gain)
    const { port1, port2 } = new MessageChannel()
    node.port.postMessage(port1, [port1])
    this.#node = node
    this.#connect(port2, sampleRate)
    this.#changed()
  }

  #stop(): void {
    this.#turn += 1
    this.#clock.stop()
    if (this.#node === undefined) return
    this.#connect(undefined, 0)
    this.#node.port.postMessage('close')
    this.#node.port.close()
    this.#node.disconnect()
    this.#node = undefined
  }

  #end(): void {
    clearTimeout(this.#later)
    this.#stop()
    const context = this.#context
    this.#context = this.#gain = undefined
    if (context !== undefined) void context.close().catch(() => {})
  }

  #setGain(): void {
    this.#gain?.gain.setTargetAtTime(this.#isWanted ? this.#volume : 0, this.#context?.currentTime ?? 0, ramp / 3)
  }
}
