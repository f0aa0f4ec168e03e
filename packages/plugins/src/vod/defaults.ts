/** Defaults of `VodOptions`. */
export const vodDefaults: {
  readonly app: string
  /** Bytes. */
  readonly cacheSize: number
} = { app: 'vod', cacheSize: 64 * 1024 * 1024 }
