import type { Logger } from '@rtmpipe/session'
import type { MadeToken } from './admin-token.ts'

/** What the card depends on. */
export interface StartCardOptions {
  /** Publishers need a key. */
  readonly needsKey: boolean
  /** There are pages for everybody. */
  readonly hasPages: boolean
  /** Streams can be watched by HLS. */
  readonly hasHls: boolean
  /** There is FLV over HTTP. */
  readonly hasFlv: boolean
  /** The admin token, when it is new: it is shown this once. */
  readonly made: MadeToken | undefined
}

/**
 * Says how to publish and play: readable on a terminal, one log line otherwise. The keys themselves are not shown.
 */
export function printStartCard(
  urls: readonly string[],
  log: Logger,
  { needsKey, hasPages, hasFlv, hasHls, made }: StartCardOptions,
): void {
  const http = httpUrl(urls)
  const pages = hasPages ? http : undefined
  const hls = hasHls && http !== undefined ? `${http}/live/stream/index.m3u8` : undefined
  const flv = hasFlv && http !== undefined ? `${http}/live/stream.flv` : undefined
  const rtmfp = urls.find(isRtmfp)
  const webSocket = urls.find(isWebSocket)
  const server = `${reachable(urls.find(url => !isRtmfp(url) && !isWebSocket(url)) ?? rtmfp ?? webSocket ?? '')}/live`
  const streamKey = needsKey ? 'stream?key=KEY' : 'stream'
  const target = needsKey ? `'${server}/${streamKey}'` : `${server}/${streamKey}`
  // Other programs than ours do not speak these.
  const publish = isOurs(server)
    ? `npx rtmpipe publish video.flv ${target}`
    : `ffmpeg -re -i video.mp4 -c copy -f flv ${target}`
  const play = isOurs(server) ? `npx rtmpipe play ${server}/stream` : `ffplay ${server}/stream`
  const overUdp =
    rtmfp === undefined || isRtmfp(server) ? undefined : `npx rtmpipe play ${reachable(rtmfp)}/live/stream`
  const ofPages = webSocket === undefined ? undefined : `${reachable(webSocket)}/live`
  if (!process.stderr.isTTY) {
    const fields = {
      server,
      publish,
      play,
      ...(overUdp !== undefined && { rtmfp: overUdp }),
      ...(pages !== undefined && { pages: `${pages}/` }),
      ...(ofPages !== undefined && { webSocket: ofPages }),
      ...(hls !== undefined && { hls }),
      ...(flv !== undefined && { httpFlv: flv }),
    }
    log.info(fields, 'publish to and play from any application and stream name')
    if (made !== undefined) log.info({ adminToken: made.token, file: made.file }, 'the admin token, not shown again')
    return
  }
  const lines = isOurs(server)
    ? [`  Publish               ${publish}\n`, `  Play                  ${play}\n`]
    : [
        `  Publish with ffmpeg   ${publish}\n`,
        '  Publish with OBS      Settings > Stream > Service: Custom\n',
        `                        Server: ${server}    Stream Key: ${streamKey}\n`,
        `  Play                  ${play}\n`,
        `                        npx rtmpipe play ${server}/stream\n`,
      ]
  if (overUdp !== undefined) lines.push(`  Play over RTMFP       ${overUdp}\n`)
  if (ofPages !== undefined) lines.push(`  From web pages        ${ofPages}\n`)
  if (hls !== undefined) lines.push(`  Play by HLS           ${hls}\n`)
  if (flv !== undefined) lines.push(`  Play over HTTP        ffplay ${flv}\n`)
  process.stderr.write(`
${lines.join('')}${overHttp(http, pages, made).join('')}
  Any application and stream name will do. Stop with Ctrl+C.

`)
}

/** Lines on what browsers are shown. */
function overHttp(http: string | undefined, pages: string | undefined, made: MadeToken | undefined): readonly string[] {
  return [
    ...(pages === undefined
      ? []
      : [`  Watch in a browser    ${pages}/\n`, `  Publish from there    ${pages}/publish\n`]),
    ...(http === undefined ? [] : [`  Dashboard             ${http}/admin\n`]),
    ...(made === undefined ? [] : [`  Admin token           ${made.token}\n${' '.repeat(24)}kept in ${made.file}\n`]),
  ]
}

function httpUrl(urls: readonly string[]): string | undefined {
  const url = urls.find(each => /^(rtmpts?|wss?):/.test(each))
  return url && reachable(url).replace(/^(rtmpt|ws)/, 'http')
}

function isRtmfp(url: string): boolean {
  return url.startsWith('rtmfp:')
}

function isWebSocket(url: string): boolean {
  return /^wss?:/.test(url)
}

function isOurs(url: string): boolean {
  return isRtmfp(url) || isWebSocket(url)
}

/** A wildcard address can't be connected to. */
function reachable(url: string): string {
  return url.replace('//0.0.0.0', '//127.0.0.1').replace('//[::]', '//[::1]')
}
