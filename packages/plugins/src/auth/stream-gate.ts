import type { Awaitable, Denial, PlayEvent, Plugin, PublishEvent } from '@rtmpipe/session'
import { type Action, forPages } from './action.ts'

/** A plugin that asks one question of publishers, of players or of both. */
export abstract class StreamGate implements Plugin {
  abstract readonly name: string
  /** Asks publishers; missing when it is for players alone. */
  readonly onPublish?: (event: PublishEvent) => Awaitable<Denial | undefined>
  /** Asks players; missing when it is for publishers alone. */
  readonly onPlay?: (event: PlayEvent) => Awaitable<Denial | undefined>

  /** @throws TypeError for actions that do not exist: nobody would be asked */
  constructor(actions: readonly Action[]) {
    const unknown = actions.find(action => action !== 'publish' && action !== 'play')
    if (unknown !== undefined) throw new TypeError(`actions: expected publish and play, got ${String(unknown)}`)
    if (actions.includes('publish')) this.onPublish = event => this.#ask('publish', event)
    if (actions.includes('play')) this.onPlay = event => this.#ask('play', event)
  }

  #ask(action: Action, event: PublishEvent | PlayEvent): Awaitable<Denial | undefined> {
    const answer = (denial: Denial | undefined) => denial && forPages(denial, event.connection)
    const denial = this.check(action, event)
    return denial instanceof Promise ? denial.then(answer) : answer(denial)
  }

  /** Answers the question for a stream: undefined lets the client in. */
  protected abstract check(action: Action, event: PublishEvent | PlayEvent): Awaitable<Denial | undefined>
}
