import type { Logger } from '@rtmpipe/session'
import { vodDefaults } from './defaults.ts'
import { VodError } from './errors.ts'

/** Which files may be played. */
export interface VodOptions {
  /** Folder of the files; nothing outside it is played. */
  readonly dir: string
  /** Application they are played from; default `vod`. A path after it, as in `vod/trailers`, is a folder in `dir`. */
  readonly app?: string
  /** Bytes of files to keep in memory for all players together; default 64 MiB, at least 1 MiB. */
  readonly cacheSize?: number
  /** Told of files that can't be played; default nobody. */
  readonly log?: Logger
}

/** Files that are kept open, with their index, when nobody plays them. */
export const maxIdleFiles = 16

const mebibyte = 1024 * 1024

/** @throws VodError `RTMP_ERR_VOD_OPTION` */
export function cacheSizeOf({ cacheSize = vodDefaults.cacheSize }: Pick<VodOptions, 'cacheSize'>): number {
  if (cacheSize >= mebibyte && cacheSize < Infinity) return cacheSize
  throw new VodError('RTMP_ERR_VOD_OPTION', `cacheSize ${cacheSize}: expected a number of bytes from ${mebibyte}`)
}
