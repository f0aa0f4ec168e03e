/** `level` of an info object. Clients give up on `error`. */
export type StatusLevel = 'status' | 'warning' | 'error'

/** Every status code we send, with its level. */
export const statusLevels = {
  'NetConnection.Call.Failed': 'error',
  'NetConnection.Call.Prohibited': 'error',
  'NetConnection.Connect.AppShutdown': 'error',
  'NetConnection.Connect.Closed': 'status',
  'NetConnection.Connect.Failed': 'error',
  'NetConnection.Connect.IdleTimeout': 'status',
  'NetConnection.Connect.InvalidApp': 'error',
  'NetConnection.Connect.Rejected': 'error',
  'NetConnection.Connect.Success': 'status',
  'NetStream.Failed': 'error',
  'NetStream.InvalidArg': 'error',
  'NetStream.Pause.Notify': 'status',
  'NetStream.Play.Failed': 'error',
  'NetStream.Play.InsufficientBW': 'warning',
  'NetStream.Play.PublishNotify': 'status',
  'NetStream.Play.Reset': 'status',
  'NetStream.Play.Start': 'status',
  'NetStream.Play.Stop': 'status',
  'NetStream.Play.StreamNotFound': 'error',
  'NetStream.Play.UnpublishNotify': 'status',
  'NetStream.Publish.BadName': 'error',
  'NetStream.Publish.Denied': 'error',
  'NetStream.Publish.Start': 'status',
  'NetStream.Seek.Failed': 'error',
  'NetStream.Seek.Notify': 'status',
  'NetStream.Unpause.Notify': 'status',
  'NetStream.Unpublish.Success': 'status',
} as const

/** A status code of ours; applications may send their own `App.…` codes too, which count as errors. */
export type StatusCode = keyof typeof statusLevels | `App.${string}`

/** An information object: what a client is told. */
export interface Status {
  readonly level: StatusLevel
  readonly code: StatusCode
  readonly description: string
}

/** Makes an information object with the level that belongs to its code. */
export function status(code: StatusCode, description: string): Status {
  const level = (statusLevels as Record<string, StatusLevel>)[code] ?? 'error'
  return { level, code, description }
}
