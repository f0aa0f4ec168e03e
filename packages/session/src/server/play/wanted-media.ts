import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { isPictureRole, MediaRole, mediaRole } from '../../protocol/media-role.ts'

/**
 * Which media of a stream a player wants (RTMP 1.0 §7.2.2.4, §7.2.2.5). Sequence headers are always sent: without them
 * nothing could be decoded when the media is wanted again.
 */
export class WantedMedia {
  audio = true
  video = true

  /** True when nothing needs to be held back. */
  get isAll(): boolean {
    return this.audio && this.video
  }

  includes(message: RtmpMessage): boolean {
    const role = mediaRole(message)
    if (role === MediaRole.Audio) return this.audio
    return this.video || !isPictureRole(role)
  }
}
