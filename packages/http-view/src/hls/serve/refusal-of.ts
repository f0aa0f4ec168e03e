import { StatusError } from '@rtmpipe/session'
import { HlsRefusal } from './hls-refusal.ts'

const notFound: ReadonlySet<string> = new Set(['NetStream.Play.StreamNotFound', 'NetStream.Play.NoSupportedTrackFound'])
const busy: ReadonlySet<string> = new Set(['NetConnection.Connect.AppShutdown', 'NetConnection.Connect.Closed'])

/** What a gate has said, for a viewer over HTTP. Errors that are nobody's answer are thrown on. */
export function refusalOf(error: unknown): HlsRefusal {
  if (error instanceof HlsRefusal) return error
  if (!(error instanceof StatusError)) throw error
  const { statusCode: code, message } = error
  return new HlsRefusal(notFound.has(code) ? 404 : busy.has(code) ? 503 : 403, message)
}
