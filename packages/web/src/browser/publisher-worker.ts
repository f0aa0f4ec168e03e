/**
 * What a publisher has outside of its page, in one file for both places: in a Worker a timer that a hidden page does not
 * slow down, in an AudioWorklet the sound of a track for browsers without MediaStreamTrackProcessor.
 *
 * @packageDocumentation
 */

/** Samples in a message: some 10 ms. */
const size = 512

if (typeof registerProcessor === 'function') {
  class Sound extends AudioWorkletProcessor {
    #planes: Float32Array<ArrayBuffer>[] = []
    #filled = 0
    #time = 0

    /** Takes 128 samples of each channel; true to be called again. */
    process([input = []]: Float32Array[][]): boolean {
      const length = input[0]?.length ?? 0
      if (length === 0) return true
      if (this.#filled === 0 || this.#planes.length !== input.length) {
        this.#planes = input.map(() => new Float32Array(size))
        this.#filled = 0
        // The context's own clock stops whenever the computer is too busy.
        this.#time = Date.now()
      }
      this.#planes.forEach((plane, at) => plane.set(input[at] ?? [], this.#filled))
      this.#filled += length
      if (this.#filled < size) return true
      this.port.postMessage({ planes: this.#planes, time: this.#time })
      this.#filled = 0
      return true
    }
  }
  registerProcessor('rtmpipe-sound', Sound)
} else {
  addEventListener('message', ({ data }: MessageEvent<number>) => setInterval(() => postMessage(0), data))
}

export {}
