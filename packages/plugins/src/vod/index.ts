/**
 * Video on demand: FLV and MP4 files of a folder, with seek, pause and duration, for players of RTMP.
 *
 * @example
 * ```ts
 * import { vod } from '@rtmpipe/plugins/vod'
 *
 * server.use(vod({ dir: 'movies' })) // movies/film.mp4 is rtmp://host/vod/film.mp4
 * ```
 *
 * It does not encode, repair files, list a folder, or follow a recording that is still being written.
 *
 * @packageDocumentation
 */
export { vodDefaults } from './defaults.ts'
export { VodError, type VodErrorCode } from './errors.ts'
export type { VodOptions } from './options.ts'
export { VOD_OPTIONS, vod, Vod } from './vod.ts'
