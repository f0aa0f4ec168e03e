import { RunningProgram } from '../running-program.ts'
import { startFlvPlayer } from './flv-player.ts'
import type { Launch } from './client.ts'
import type { FlvPlayer } from './flv-player.ts'

/**
 * Plays with rtmpdump (librtmp). Over TLS it needs a server that stays at TLS 1.2: with 1.3 it fails in the handshake
 * (rtmps) or crashes (rtmpts).
 */
export function playWithRtmpdump(url: string, launch: Launch = {}): Promise<FlvPlayer> {
  return startFlvPlayer(
    file => new RunningProgram({ ...launch, file: 'rtmpdump', args: ['-V', '--live', '-r', url, '-o', file] }),
    /sending play/i,
  )
}
