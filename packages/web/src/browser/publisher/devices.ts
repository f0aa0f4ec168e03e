import { CaptureError } from './capture-error.ts'

/** Stands for the screen where an id of a camera may stand. */
export const screen = 'screen'
/** Stands where an id may stand, for no device. */
export const nothing = 'none'

/**
 * Asks for what was chosen, each an id of a device, '' for any, {@link nothing}, or for pictures {@link screen}.
 *
 * @throws DOMException, CaptureError `RTMP_ERR_CAPTURE` where there are no devices to ask for
 */
export async function capture(camera: string, microphone: string): Promise<MediaStream> {
  const { mediaDevices } = navigator as { mediaDevices?: MediaDevices }
  if (mediaDevices === undefined)
    throw new CaptureError(
      'RTMP_ERR_CAPTURE',
      'Browsers give camera and microphone only to pages that came over https.',
    )
  const isScreen = camera === screen
  const shown = isScreen ? await mediaDevices.getDisplayMedia({ video: true }) : undefined
  const [video, audio] = [isScreen ? false : wanted(camera), wanted(microphone)]
  try {
    const taken = video || audio ? await mediaDevices.getUserMedia({ video, audio }) : undefined
    return new MediaStream([...(shown?.getTracks() ?? []), ...(taken?.getTracks() ?? [])])
  } catch (error) {
    shown?.getTracks().forEach(track => track.stop())
    throw error
  }
}

function wanted(device: string): boolean | MediaTrackConstraints {
  if (device === nothing || device === '') return device === ''
  return { deviceId: { exact: device } }
}
