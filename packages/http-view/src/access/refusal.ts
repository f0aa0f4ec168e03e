import type { StatusError } from '@rtmpipe/session'

/** An answer to somebody who may not watch. */
export interface Refusal {
  /** Of HTTP. */
  readonly status: number
  /** For whoever reads it. */
  readonly text: string
}

const statuses: Readonly<Record<string, number>> = {
  'NetStream.Play.StreamNotFound': 404,
  'NetStream.Play.FileStructureInvalid': 500,
  'NetStream.Failed': 500,
  'NetConnection.Connect.Failed': 500,
  'NetConnection.Connect.InvalidApp': 404,
  'NetConnection.Connect.AppShutdown': 503,
  'NetStream.Play.InsufficientBW': 503,
}

/**
 * What a refusal by the server is over HTTP: the status that its gate has named by `httpStatus` in the info object, else 404
 * where there is no such stream, and 403.
 */
export function refusalOf({ statusCode, message, info }: StatusError): Refusal {
  const { httpStatus } = info
  const named = typeof httpStatus === 'number' && Number.isInteger(httpStatus) && httpStatus >= 400 && httpStatus < 600
  return { status: named ? httpStatus : (statuses[statusCode] ?? 403), text: message }
}

/** Headers that belong to the status of a refusal. */
export function refusalHeaders({ status }: Refusal): Readonly<Record<string, string>> {
  return {
    'Content-Type': 'text/plain; charset=utf-8',
    // RFC 9110 §11.6.1 asks for one; browsers show no dialog for this one.
    ...(status === 401 && { 'WWW-Authenticate': 'Bearer' }),
    ...(status === 503 && { 'Retry-After': '1' }),
  }
}
