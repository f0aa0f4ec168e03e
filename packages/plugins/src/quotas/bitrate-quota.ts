import { type BindHooks, type PublishInfo, status } from '@rtmpipe/session'
import { type BitrateQuota, BitrateMeter } from './bitrate-meter.ts'
import { BitrateStage } from './bitrate-stage.ts'

/** Ends publishers that send too much. @throws TypeError for what is no quota */
export function bitrateQuota(quota: BitrateQuota): BindHooks {
  // Made once here so that wrong options throw at once.
  new BitrateMeter(quota)
  const tooMuch = status('NetStream.Publish.Denied', `more than ${quota.bitsPerSecond} bits per second`)
  return {
    bindPublish: (info: PublishInfo) =>
      new BitrateStage(new BitrateMeter(quota), () => {
        info.end(tooMuch)
        info.connection.end()
      }),
  }
}
