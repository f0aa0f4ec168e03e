import { LimitError, ProtocolError } from '@rtmpipe/chunk-stream'
import { isHarmful } from '../protocol/harmful-name.ts'

/**
 * Names reach logs, plugins and stores: what could harm there is refused here, once.
 *
 * @throws ProtocolError, LimitError for names that could not be meant
 */
export function checkSharedObjectName(name: string, maxLength: number): void {
  if (name.length > maxLength) {
    throw new LimitError(
      'RTMP_ERR_NAME_LENGTH',
      `shared object name has ${name.length} characters, more than ${maxLength}`,
    )
  }
  if (name === '' || isHarmful(name)) {
    throw new ProtocolError(
      'message',
      'RTMP_ERR_SHARED_OBJECT_NAME',
      `shared object name ${JSON.stringify(name)} is empty or has characters that are not allowed`,
    )
  }
}
