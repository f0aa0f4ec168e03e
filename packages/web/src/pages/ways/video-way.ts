/** Why a video element plays no more. */
export type Stop =
  /** The publisher has left. */
  | { readonly type: 'end' }
  /** A request has failed. @see status of its answer, if there was one */
  | { readonly type: 'lost'; readonly status?: number | undefined }
  /** Browser and stream do not go together. */
  | { readonly type: 'broken'; readonly reason: string }

/** Plays a URL by a video element until it is told otherwise or has stopped, which it tells once. */
export type VideoWay = (video: HTMLVideoElement, url: string, stopped: (stop: Stop) => void) => () => void
