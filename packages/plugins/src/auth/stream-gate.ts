import type { Awaitable, Denial, PlayEvent, Plugin, PublishEvent } from '@rtmpipe/session'
import type { Action } from './action.ts'

/** Answers for a stream: nothing lets it pass. */
export type StreamCheck = (action: Action, event: PublishEvent | PlayEvent) => Awaitable<Denial | undefined>

/** A plugin that asks one question of publishers, of players or of both. */
export function streamGate(name: string, actions: readonly Action[], check: StreamCheck): Plugin {
  return {
    name,
    ...(actions.includes('publish') && { onPublish: (event: PublishEvent) => check('publish', event) }),
    ...(actions.includes('play') && { onPlay: (event: PlayEvent) => check('play', event) }),
  }
}
