/** What is known of one message stream of a connection. */
export interface StreamState {
  publishing: boolean
  playing: boolean
  /** What has been seen of the media either side sends on it. */
  client: MediaState
  server: MediaState
}

/** What one side has sent on a message stream. */
export interface MediaState {
  /** Timestamp of the last coded frame. */
  audioTime: number | undefined
  videoTime: number | undefined
  /** Tracks that had their sequence header, or a complaint that they did not. */
  readonly headers: Set<string>
  keyframeSeen: boolean
  /** Complaints that are made once. */
  readonly told: Set<string>
}

export function newStreamState(): StreamState {
  return { publishing: false, playing: false, client: newMediaState(), server: newMediaState() }
}

export function newMediaState(): MediaState {
  return { audioTime: undefined, videoTime: undefined, headers: new Set(), keyframeSeen: false, told: new Set() }
}
