/**
 * A way to play a stream: by WebCodecs, FLV over HTTP and HLS by Media Source Extensions, HLS by the browser itself, and RTMP
 * over a WebSocket by Media Source Extensions.
 */
export type Way = 'webcodecs' | 'flv' | 'hls' | 'native-hls' | 'mse'

/** What somebody may ask for, `?player=…`. */
export type Wish = 'webcodecs' | 'flv' | 'hls'

/** What a browser has. */
export interface Abilities {
  /** The page came by HTTPS or from the machine itself. */
  readonly isSecure: boolean
  /** Decoders of WebCodecs, for pictures and for sound. */
  readonly webCodecs: boolean
  /** Media Source Extensions. */
  readonly mediaSource: boolean
  /** Media Source Extensions in Safari's form, which iPhones have alone. */
  readonly managedMediaSource: boolean
  /** It says that a video element plays HLS. */
  readonly nativeHls: boolean
}

/** What the server has for viewers over HTTP. */
export interface Offered {
  readonly flv: boolean
  readonly hls: boolean
}

/** Ways that are worth a try, the best first; none when the browser or the server lacks what is needed. */
export function waysToPlay(abilities: Abilities, offered: Offered, wish?: Wish): readonly Way[] {
  const { webCodecs } = abilities
  const hasSources = abilities.mediaSource || abilities.managedMediaSource
  const flv: readonly Way[] = offered.flv && hasSources ? ['flv'] : []
  const hls = offered.hls ? waysOfHls(abilities, hasSources) : []
  const best: readonly Way[] = webCodecs ? ['webcodecs'] : []
  if (wish !== undefined) return { webcodecs: best, flv, hls }[wish]
  // Without a mount for viewers there is still the player's own way.
  const last: readonly Way[] = !webCodecs && hasSources ? ['mse'] : []
  return [...best, ...flv, ...hls, ...last]
}

/** Why there is no way. */
export function whyNone({ isSecure }: Abilities, { flv, hls }: Offered, wish?: Wish): string {
  if (wish === 'webcodecs')
    return isSecure ? 'This browser has no WebCodecs.' : 'Browsers have WebCodecs on HTTPS pages only.'
  if (wish === 'flv' && !flv) return 'This server has no FLV over HTTP: it is started with --http-flv.'
  if (wish === 'hls' && !hls) return 'This server has no HLS: it is started with --hls.'
  return 'This browser can not play what the server has for it.'
}

/** What is asked for. @param search as `location` says it: `?player=hls` */
export function wishOf(search: string): Wish | undefined {
  const wish = new URLSearchParams(search).get('player')
  return wish === 'webcodecs' || wish === 'flv' || wish === 'hls' ? wish : undefined
}

/** Where a try that failed leads. */
export interface Step {
  readonly at: number
  /** There is no further one. */
  readonly isLast: boolean
}

/**
 * The next way; after the last one the player's own, which says what the browser can not decode and plays the rest. Whoever
 * is there stays.
 */
export function nextStep(ways: readonly Way[], { at, isLast }: Step): Step {
  if (isLast) return { at, isLast }
  if (at + 1 < ways.length) return { at: at + 1, isLast: isOwn(ways[at + 1]) && ways[0] !== 'webcodecs' }
  return { at: ways[0] === 'webcodecs' ? 0 : at, isLast: true }
}

/** Whether the player of these pages plays it: it comes by RTMP over a WebSocket. */
export function isOwn(way: Way | undefined): boolean {
  return way === 'webcodecs' || way === 'mse'
}

/** What people call a way. */
export const wayNames: Readonly<Record<Way, string>> = {
  webcodecs: 'RTMP and WebCodecs',
  flv: 'FLV over HTTP, by mpegts.js',
  hls: 'HLS, by hls.js',
  'native-hls': 'HLS, by the browser',
  mse: 'RTMP and Media Source Extensions',
}

/** Safari's own is best there; elsewhere hls.js knows more of low latency. */
function waysOfHls({ nativeHls, managedMediaSource }: Abilities, hasSources: boolean): readonly Way[] {
  const byScript: readonly Way[] = hasSources ? ['hls'] : []
  if (!nativeHls) return byScript
  return managedMediaSource ? ['native-hls', ...byScript] : [...byScript, 'native-hls']
}
