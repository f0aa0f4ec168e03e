import type { Plugin } from './plugin.ts'

/** The name of a hook. */
export type HookName = Exclude<Extract<keyof Plugin, string>, 'name' | 'hookTimeout'>

// A record, so that the compiler finds a hook that is missing here.
const hooks: Record<HookName, true> = {
  setup: true,
  onConnect: true,
  onPublish: true,
  onPlay: true,
  onSharedObject: true,
  onIntroduce: true,
  onConnectAccepted: true,
  onPublishAccepted: true,
  onPlayAccepted: true,
  sourcePlay: true,
  bindPublish: true,
  bindPlay: true,
  onCall: true,
  onPublishStart: true,
  onPublishEnd: true,
  onPlayStart: true,
  onPlayEnd: true,
  onDisconnect: true,
  onStreamStart: true,
  onStreamEnd: true,
  onStreamViewers: true,
  onRefusal: true,
  onGate: true,
  onDrain: true,
  onStreamRecordings: true,
  onStreamRelays: true,
  onListen: true,
  onClose: true,
}

/** Every hook a plugin may have. */
export const hookNames: readonly HookName[] = Object.keys(hooks) as HookName[]
