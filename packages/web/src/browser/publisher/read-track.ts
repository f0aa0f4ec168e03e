/** Of the specification "MediaStreamTrack Insertable Media Processing using Streams", which TypeScript has no types of. */
interface TrackProcessor<Data> {
  readonly readable: ReadableStream<Data>
}

/** Its constructor; undefined in browsers that do not have it in a page. */
export type TrackProcessorClass = new <Data>(init: {
  readonly track: MediaStreamTrack
  /** Items that wait for us; older ones go when there are more. */
  readonly maxBufferSize?: number
}) => TrackProcessor<Data>

/** Gives what a track has, one after another, until the function that it returns is called. Undefined if this browser can't. */
export function readTrack<Data extends { close(): void }>(
  track: MediaStreamTrack,
  maxBufferSize: number,
  take: (data: Data) => void,
): (() => void) | undefined {
  const { MediaStreamTrackProcessor: Processor } = globalThis as { MediaStreamTrackProcessor?: TrackProcessorClass }
  if (Processor === undefined) return undefined
  const reader = new Processor<Data>({ track, maxBufferSize }).readable.getReader()
  const read = (): void =>
    void reader.read().then(
      ({ value }) => {
        if (value === undefined) return
        take(value)
        read()
      },
      // The track's own `ended` says what there is to say.
      () => {},
    )
  read()
  return () => void reader.cancel().catch(() => {})
}
