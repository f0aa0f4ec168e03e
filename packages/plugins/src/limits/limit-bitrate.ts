import { type BindHooks, type PublishInfo, status } from '@rtmpipe/session'
import { type BitrateLimit, BitrateMeter } from './bitrate-meter.ts'
import { BitrateStage } from './bitrate-stage.ts'

/** Ends publishers that send too much. @throws TypeError for what is no limit */
export function limitBitrate(limit: BitrateLimit): BindHooks {
  // For what it has to say of wrong ones.
  new BitrateMeter(limit)
  const tooMuch = status('NetStream.Publish.Denied', `more than ${limit.bitsPerSecond} bits per second`)
  return {
    bindPublish: (info: PublishInfo) =>
      new BitrateStage(new BitrateMeter(limit), () => {
        info.end(tooMuch)
        info.connection.end()
      }),
  }
}
