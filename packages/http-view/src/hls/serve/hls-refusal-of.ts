import { StatusError } from '@rtmpipe/session'
import { refusalOf } from '../../access/refusal.ts'
import { HlsRefusal } from './hls-refusal.ts'

/** What a gate has said, for a viewer of HLS. What is nobody's answer is thrown on. */
export function hlsRefusalOf(error: unknown): HlsRefusal {
  if (error instanceof HlsRefusal) return error
  if (!(error instanceof StatusError)) throw error
  const { status, text } = refusalOf(error)
  return new HlsRefusal(status, text)
}
