/**
 * Fragmented MP4 of live streams: what a track says of itself, and the boxes of head and fragments.
 *
 * @packageDocumentation
 */
export { Mp4Error } from './errors.ts'
export { FragmentBoxes } from './fragment-boxes.ts'
export type { OutputSample, OutputTrack } from './output.ts'
export { type StreamSample, streamSamples } from './stream-samples.ts'
export { StreamTrack } from './stream-track.ts'
