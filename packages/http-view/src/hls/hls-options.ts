/** Options of {@link hls}. Times are in milliseconds. */
export interface HlsOptions {
  /**
   * Origins of the pages that may watch, `https://example.com`, or `'*'` for those of all. Default: the page's host and port
   * must be those of the stream. Players that are no browsers tell no origin, and always may.
   */
  readonly origins?: readonly string[] | '*' | undefined
  /** How long a segment should be: it ends at the keyframe that comes nearest. Default 2,000. */
  readonly segmentDuration?: number
  /** How long a part of a segment is (low-latency HLS); 0 for segments alone. Default 200. */
  readonly partDuration?: number
  /** How far back a viewer can go. Default 30,000. */
  readonly window?: number
  /** Bytes of media that a stream keeps at most, even if its window gets shorter. Default 128 MiB. */
  readonly maxBytes?: number
  /** How far back a viewer can go beyond that, in files; and what is kept when a stream is over. Default: no further. */
  readonly dvr?: DvrOptions | undefined
  /** How media are packed: `fmp4`, or `ts` (MPEG-TS) for old devices. Default `fmp4`. */
  readonly format?: 'fmp4' | 'ts'
  /** Whether streams are cut all the time. Default false: from the first viewer to the last. */
  readonly always?: boolean
  /** How long a stream that has ended can still be watched, with all of its window. Default 60,000. */
  readonly keepEnded?: number
  /**
   * For a caching proxy in front: all viewers of a stream share one token, and answers say how long they may be cached.
   * Gates are asked once for all, without the query of a viewer. Default false: each viewer has a token, and gates are asked
   * for each.
   */
  readonly cdn?: boolean
  /**
   * How a viewer says who it is: by its token in the addresses of playlists, or in a cookie that pages can not read. Cookies
   * need no token in addresses, which end up in histories and logs; players on pages of other origins have to send
   * credentials. Default `query`.
   */
  readonly token?: 'query' | 'cookie'
  /** Viewers at a time, those of all streams. Default 10,000. */
  readonly maxViewers?: number
  /** Viewers at a time from one address. Default 1,000. */
  readonly maxViewersPerAddress?: number
  /** Requests that wait for what does not exist yet, of all viewers. Default 20,000. */
  readonly maxWaiting?: number
}

/** How far back viewers can go, beyond what `window` keeps in memory. */
export interface DvrOptions {
  /** Seconds that a viewer can go back. */
  readonly seconds: number
  /**
   * Folder for what is older than `window`; made when it is missing, and cleared at the start of what we have left there: no
   * other server may use it. Default: all is kept in memory.
   */
  readonly folder?: string | undefined
  /**
   * Bytes in the folder, those of all streams; the oldest give way. Default 10 GiB. Without a folder, bytes of media of a
   * stream in memory, in place of the other `maxBytes`.
   */
  readonly maxBytes?: number | undefined
  /**
   * Seconds for which a stream that is over stays in the folder, to be watched from its beginning, at the address of the stream
   * and at that of its date. Default 0: it goes with `keepEnded`.
   */
  readonly keep?: number | undefined
}

/** Those with their defaults. */
export interface DvrSettings {
  /** That a viewer can go back. */
  readonly seconds: number
  /** For what is older than `window`; undefined: that stays in memory. */
  readonly folder: string | undefined
  /** In the folder, those of all streams, or without one of a stream in memory. */
  readonly maxBytes: number
  /** Seconds for which streams that are over stay in the folder. */
  readonly keep: number
}

/** Options with their defaults. */
export type HlsSettings = Required<Omit<HlsOptions, 'origins' | 'dvr'>> &
  Pick<HlsOptions, 'origins'> & { readonly dvr: DvrSettings | undefined }
