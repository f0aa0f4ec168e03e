import type { Logger } from '@rtmpipe/session'
import type { MadeToken } from './admin-token.ts'

/**
 * Says how to publish and play: readable on a terminal, one log line otherwise. The keys themselves are not shown.
 *
 * @param made the admin token, when it is new: it is shown this once
 */
export function printStartCard(urls: readonly string[], log: Logger, needsKey: boolean, made?: MadeToken): void {
  const server = `${reachable(urls[0] ?? '')}/live`
  const streamKey = needsKey ? 'stream?key=KEY' : 'stream'
  const target = needsKey ? `'${server}/${streamKey}'` : `${server}/${streamKey}`
  const publish = `ffmpeg -re -i video.mp4 -c copy -f flv ${target}`
  const play = `ffplay ${server}/stream`
  if (!process.stderr.isTTY) {
    log.info({ server, publish, play }, 'publish to and play from any application and stream name')
    if (made !== undefined) log.info({ adminToken: made.token, file: made.file }, 'the admin token, not shown again')
    return
  }
  process.stderr.write(`
  Publish with ffmpeg   ${publish}
  Publish with OBS      Settings > Stream > Service: Custom
                        Server: ${server}    Stream Key: ${streamKey}
  Play                  ${play}
                        npx rtmpipe play ${server}/stream
${overHttp(urls, made).join('')}
  Any application and stream name will do. Stop with Ctrl+C.

`)
}

/** Lines on what is for the administrator. */
function overHttp(urls: readonly string[], made: MadeToken | undefined): readonly string[] {
  const url = urls.find(each => /^rtmpts?:/.test(each))
  return [
    ...(url === undefined ? [] : [`  Dashboard             ${reachable(url).replace(/^rtmpt/, 'http')}/admin\n`]),
    ...(made === undefined ? [] : [`  Admin token           ${made.token}\n${' '.repeat(24)}kept in ${made.file}\n`]),
  ]
}

/** A wildcard address can't be connected to. */
function reachable(url: string): string {
  return url.replace('//0.0.0.0', '//127.0.0.1').replace('//[::]', '//[::1]')
}
