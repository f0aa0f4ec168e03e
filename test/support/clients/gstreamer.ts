import { RunningProgram } from '../running-program.ts'
import { words } from '../words.ts'
import type { Publisher } from './client.ts'
import { startFlvPlayer } from './flv-player.ts'
import type { FlvPlayer } from './flv-player.ts'

// GStreamer 1.22 has rtmp and rtmps, no tunnel. The certificate of the test server is its own.
const unverified = 'tls-validation-flags=0'

/**
 * Publishes a file in real time with rtmp2sink. flvdemux drops the decode times of B-frames, so give it media without.
 */
export function publishWithGstreamer(file: string, url: string): Publisher {
  const args = [
    ...words`-v filesrc location=${file} ! flvdemux name=demux flvmux name=mux streamable=true`,
    ...words`! identity name=progress silent=false ! rtmp2sink location=${url} ${unverified}`,
    ...words`demux.video ! queue ! mux.video demux.audio ! queue ! mux.audio`,
  ]
  const program = new RunningProgram({ name: 'rtmp2sink', file: 'gst-launch-1.0', args })
  return {
    program,
    async published(seconds) {
      const chain = /progress: last-message = chain .* pts: (\d+):(\d+):([\d.]+),/
      await program.waitForLine(chain, ([, hours, minutes, rest]) => {
        return Number(hours) * 3600 + Number(minutes) * 60 + Number(rest) >= seconds
      })
    },
    async finish() {
      await program.finish()
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  }
}

/** Plays with rtmp2src, which ends at Stream EOF and may lose the message before it. */
export function playWithGstreamer(url: string): Promise<FlvPlayer> {
  const env = { GST_DEBUG: 'rtmpclient:4', GST_DEBUG_NO_COLOR: '1' }
  return startFlvPlayer(file => {
    const args = words`rtmp2src location=${url} ${unverified} ! filesink location=${file}`
    return new RunningProgram({ name: 'rtmp2src', file: 'gst-launch-1.0', args, env })
  }, /Sending play for/)
}
