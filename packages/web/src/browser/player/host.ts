/** Where a stream is received and decoded. */
export interface Host {
  /** Where decoded sound goes. */
  listen(port: MessagePort | undefined, sampleRate: number): void
  /** How loud sound is to be that is played there. */
  sound(muted: boolean, volume: number): void
  close(): void
}

/** Plays a URL by the video element, by means of the page's own. Returns what ends that. */
export type Fallback = (video: HTMLVideoElement, url: string) => () => void
