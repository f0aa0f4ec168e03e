import { packetsOf } from '../packets.ts'
import { RunningProgram } from '../running-program.ts'
import { words } from '../words.ts'
import type { Launch, Publisher } from './client.ts'
import { startFlvPlayer } from './flv-player.ts'
import type { FlvPlayer } from './flv-player.ts'

/**
 * Publishes a file in real time with GStreamer's older element, rtmpsink (librtmp), which knows the tunnel. The file must
 * be without B-frames, see `publishWithGstreamer`.
 */
export function publishWithRtmpsink(file: string, url: string, launch: Launch = {}): Publisher {
  const args = [
    ...words`-v filesrc location=${file} ! flvdemux name=demux flvmux name=mux streamable=true`,
    ...words`! identity sync=true ! rtmpsink location=${`${url} live=1`}`,
    ...words`demux.video ! queue ! mux.video demux.audio ! queue ! mux.audio`,
  ]
  const program = new RunningProgram({ ...launch, name: 'rtmpsink', file: 'gst-launch-1.0', args })
  return {
    program,
    async published() {
      await program.waitForLine(/PLAYING/)
    },
    async finish() {
      await program.finish()
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  }
}

/** Plays with rtmpsrc (librtmp). It connects again when the stream has ended, so that is when it is ended. */
export async function playWithRtmpsrc(url: string, launch: Launch = {}): Promise<FlvPlayer> {
  const env = { ...launch.env, GST_DEBUG: 'rtmpsrc:5', GST_DEBUG_NO_COLOR: '1' }
  const player = await startFlvPlayer(file => {
    const args = words`rtmpsrc location=${`${url} live=1`} ! filesink buffer-mode=unbuffered location=${file}`
    return new RunningProgram({ ...launch, env, name: 'rtmpsrc', file: 'gst-launch-1.0', args })
  }, /Setting pipeline to PLAYING/)
  const { program, file } = player
  return {
    ...player,
    async finish() {
      await program.waitForLine(/gst_rtmp_src_create.* reconnecting/)
      program.kill('SIGKILL')
      await program.exited
      return await packetsOf(file)
    },
  }
}
