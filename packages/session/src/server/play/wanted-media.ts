import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { isPictureRole, MediaRole, mediaRole } from '../../protocol/media-role.ts'

/**
 * What a player wants of a stream (RTMP 1.0 §7.2.2.4, §7.2.2.5). Sequence headers always belong to it: without them
 * nothing can be decoded when it is wanted again.
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
