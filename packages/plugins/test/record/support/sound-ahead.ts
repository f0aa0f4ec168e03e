import type { RtmpMessage } from '@rtmpipe/session'
import { samples } from '@rtmpipe/testing'

/** Sound every 20 ms up to that time, each picture (every 40 ms, a keyframe every 400) coming that much after its sound. */
export function soundAhead(duration: number, ahead: number): RtmpMessage[] {
  const messages: RtmpMessage[] = []
  for (let time = 0; time < duration; time += 20) {
    messages.push(samples.audio(time))
    const picture = time - ahead
    if (picture < 0 || picture % 40 !== 0) continue
    messages.push(picture % 400 === 0 ? samples.keyframe(picture) : samples.interframe(picture))
  }
  return messages
}
