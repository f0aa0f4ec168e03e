import { CaptureError } from './capture-error.ts'

const sentences: Readonly<Record<string, string>> = {
  NotAllowedError:
    'The permission for camera, microphone or screen was denied. Allow it in the settings of this page, and try again.',
  NotFoundError: 'There is no such camera or microphone.',
  OverconstrainedError: 'There is no such camera or microphone.',
  NotReadableError: 'Camera or microphone can not be opened. Another program may use it.',
}

/** What an error is to somebody who sits before a page. */
export function sentenceOf(error: Error): string {
  if (error instanceof CaptureError) return error.message
  const sentence = sentences[error.name]
  if (sentence !== undefined) return sentence
  return 'statusCode' in error
    ? `The server refuses: ${error.message}`
    : `The server can not be reached: ${error.message}`
}
