/**
 * Viewers over HTTP, behind the same gates, limits and counts as RTMP players: what is published is repackaged, nothing is
 * transcoded.
 *
 * @packageDocumentation
 */
export { httpFlv } from './flv/http-flv.ts'
export type { HttpFlvOptions } from './flv/options.ts'
export { streamAt, type StreamPath, streamPath } from './access/stream-path.ts'
export { type Viewer, viewerOf } from './access/viewer-of.ts'
export { hls } from './hls/hls.ts'
export { dvrDefaults, hlsDefaults } from './hls/defaults.ts'
export type { DvrOptions, DvrSettings, HlsOptions, HlsSettings } from './hls/hls-options.ts'
