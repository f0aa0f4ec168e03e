import type { WatchMessage } from './watch.ts'

/** What a page tells its {@link Pipeline}, in a worker or in the page. */
export type ToPipeline =
  | { readonly type: 'play'; readonly url: string }
  /** Where decoded sound goes, at the rate that was told; without a port nobody wants to hear any. */
  | { readonly type: 'sound'; readonly port?: MessagePort; readonly sampleRate?: number }
  | { readonly type: 'close' }

/** What a {@link Pipeline} tells its page. */
export type FromPipeline =
  | PictureMessage
  | WatchMessage
  /** There is sound, played elsewhere; and the browser lets nobody hear it before a click. */
  | { readonly type: 'heard' }
  | { readonly type: 'silent' }
  /** What comes has nothing to do with what came before. */
  | { readonly type: 'cut' }
  | { readonly type: 'codec'; readonly kind: 'video' | 'audio'; readonly name: string }
  | { readonly type: 'unsupported'; readonly kind: 'video' | 'audio'; readonly name: string }
  /** There is sound, or another kind of it. */
  | { readonly type: 'format'; readonly sampleRate: number; readonly channels: number }
  | { readonly type: 'counts'; readonly decoded: number; readonly dropped: number }

/** A picture, whose receiver closes it. */
export interface PictureMessage {
  readonly type: 'picture'
  readonly frame: VideoFrame | VideoPicture
  /** Milliseconds of the stream, when it is to be shown. */
  readonly time: number
  /** Milliseconds since 1970, when its message came. */
  readonly arrived: number
}

/** What a video element shows. */
export interface VideoPicture {
  readonly source: HTMLVideoElement
  readonly displayWidth: number
  readonly displayHeight: number
  close(): void
}

/** Hands a message over, with what moves along. */
export type Post = (message: FromPipeline, transfer?: Transferable[]) => void
