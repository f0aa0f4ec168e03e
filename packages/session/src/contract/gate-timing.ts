import type { StatusCode } from '../protocol/status.ts'
import type { ConnectionInfo } from './connection-info.ts'

/** A gate or commit hook. */
export type TimedHook =
  | 'onConnect'
  | 'onPublish'
  | 'onPlay'
  | 'onSharedObject'
  | 'onIntroduce'
  | 'onConnectAccepted'
  | 'onPublishAccepted'
  | 'onPlayAccepted'

/**
 * - `allowed`: it has no objection
 * - `denied`: it has refused
 * - `failed`: it has thrown, was too late, or has answered what means nothing; that refuses
 * - `abandoned`: the client has left before it answered
 */
export type GateResult = 'allowed' | 'denied' | 'failed' | 'abandoned'

/** How a gate or commit hook of one plugin has answered. What a commit hook does last is told on its own. */
export interface GateTiming {
  /** Which hook. */
  readonly hook: TimedHook
  /** Name of the plugin that was asked. */
  readonly plugin: string
  /** Milliseconds until it has answered. */
  readonly duration: number
  /** How it has answered. */
  readonly result: GateResult
  /** What the client is told, where the result is `denied` or `failed`. */
  readonly code?: StatusCode
  /** Who has asked. */
  readonly connection: ConnectionInfo
}
