export { CaptureError } from './capture-error.ts'
export type { PublishedAudio, PublishedVideo } from './codecs.ts'
export type { Slowness } from './congestion.ts'
export { Publisher, type PublisherEvents, type PublisherOptions, type PublisherStats } from './publisher.ts'
