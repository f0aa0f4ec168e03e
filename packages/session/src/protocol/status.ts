import { didYouMean, UsageError } from '@rtmpipe/chunk-stream'

/** `level` of an info object. Clients give up on `error`. */
export type StatusLevel = 'status' | 'warning' | 'error'

/** Every status code that RTMP 1.0, Enhanced RTMP v2 and Flash's NetStatusEvent name, with its level. */
export const statusLevels = {
  'Application.GC': 'status',
  'Application.Resource.LowMemory': 'warning',
  'Application.Script.Error': 'error',
  'Application.Script.Warning': 'warning',
  'Application.Shutdown': 'error',
  'NetConnection.Call.BadVersion': 'error',
  'NetConnection.Call.Failed': 'error',
  'NetConnection.Call.Prohibited': 'error',
  'NetConnection.Connect.AppShutdown': 'error',
  'NetConnection.Connect.Closed': 'status',
  'NetConnection.Connect.Failed': 'error',
  'NetConnection.Connect.IdleTimeout': 'status',
  'NetConnection.Connect.InvalidApp': 'error',
  'NetConnection.Connect.NetworkChange': 'status',
  'NetConnection.Connect.ReconnectRequest': 'status',
  'NetConnection.Connect.Rejected': 'error',
  'NetConnection.Connect.Success': 'status',
  'NetConnection.Proxy.NotResponding': 'error',
  'NetStream.Buffer.Empty': 'status',
  'NetStream.Buffer.Flush': 'status',
  'NetStream.Buffer.Full': 'status',
  'NetStream.Clear.Failed': 'error',
  'NetStream.Clear.Success': 'status',
  'NetStream.Connect.Closed': 'status',
  'NetStream.Connect.Failed': 'error',
  'NetStream.Connect.Rejected': 'error',
  'NetStream.Connect.Success': 'status',
  'NetStream.Data.Start': 'status',
  'NetStream.Failed': 'error',
  'NetStream.InvalidArg': 'error',
  'NetStream.Pause.Notify': 'status',
  'NetStream.Play.Complete': 'status',
  'NetStream.Play.Failed': 'error',
  'NetStream.Play.FileStructureInvalid': 'error',
  'NetStream.Play.InsufficientBW': 'warning',
  'NetStream.Play.NoSupportedTrackFound': 'error',
  'NetStream.Play.PublishNotify': 'status',
  'NetStream.Play.Reset': 'status',
  'NetStream.Play.Start': 'status',
  'NetStream.Play.Stop': 'status',
  'NetStream.Play.StreamNotFound': 'error',
  'NetStream.Play.Switch': 'status',
  'NetStream.Play.Transition': 'status',
  'NetStream.Play.TransitionComplete': 'status',
  'NetStream.Play.UnpublishNotify': 'status',
  'NetStream.Publish.BadName': 'error',
  'NetStream.Publish.Denied': 'error',
  'NetStream.Publish.Idle': 'status',
  'NetStream.Publish.Start': 'status',
  'NetStream.Record.DiskQuotaExceeded': 'error',
  'NetStream.Record.Failed': 'error',
  'NetStream.Record.NoAccess': 'error',
  'NetStream.Record.Start': 'status',
  'NetStream.Record.Stop': 'status',
  'NetStream.Seek.Failed': 'error',
  'NetStream.Seek.InvalidTime': 'error',
  'NetStream.Seek.Notify': 'status',
  'NetStream.Transition.Forced': 'status',
  'NetStream.Transition.Success': 'status',
  'NetStream.Unpause.Notify': 'status',
  'NetStream.Unpublish.Success': 'status',
  'SharedObject.BadPersistence': 'error',
  'SharedObject.NoReadAccess': 'error',
  'SharedObject.NoWriteAccess': 'error',
  'SharedObject.ObjectCreationFailed': 'error',
} as const

type KnownCode = keyof typeof statusLevels

/** A status code of the protocol; applications may send their own `App.…` codes too, which count as errors. */
export type StatusCode = KnownCode | `App.${string}`

/** The level that belongs to a code. */
export type LevelOf<Code extends StatusCode> = Code extends KnownCode ? (typeof statusLevels)[Code] : 'error'

/** An information object, which tells a client what happened. */
export interface Status<Code extends StatusCode = StatusCode> {
  /** Clients give up on `error`. */
  readonly level: LevelOf<Code>
  /** What has happened, for programs. */
  readonly code: Code
  /** The same in words; most clients show it. */
  readonly description: string
}

/**
 * Makes an information object with the level that belongs to its code.
 *
 * @throws UsageError `RTMP_ERR_USAGE` for a code that clients do not know
 */
export function status<Code extends StatusCode>(code: Code, description: string): Status<Code> {
  checkStatusCode(code)
  return { level: levelOf(code), code, description }
}

/** @throws UsageError `RTMP_ERR_USAGE` for a code that neither the protocol knows nor begins with `App.` */
export function checkStatusCode(code: string): void {
  if (Object.hasOwn(statusLevels, code) || (typeof code === 'string' && code.startsWith('App.'))) return
  const hint = didYouMean(String(code), Object.keys(statusLevels)) || '; codes of your own begin with App.'
  throw new UsageError('RTMP_ERR_USAGE', `there is no status code ${code}${hint}`)
}

function levelOf<Code extends StatusCode>(code: Code): LevelOf<Code> {
  return (Object.hasOwn(statusLevels, code) ? statusLevels[code as KnownCode] : 'error') as LevelOf<Code>
}
