import { ProtocolError } from '@rtmpipe/chunk-stream'

/** State of a NetConnection, in both roles. */
export type NetConnectionState = 'opened' | 'connecting' | 'connected' | 'closed'
/** What changes the state of a NetConnection. */
export type NetConnectionEvent = 'connect' | 'accept' | 'close'

/** State of a NetStream, in both roles. */
export type NetStreamState = 'idle' | 'publishRequested' | 'publishing' | 'playRequested' | 'playing' | 'deleted'
/** What changes the state of a NetStream. */
export type NetStreamEvent = 'publish' | 'play' | 'accept' | 'stop' | 'delete'

/** What may happen in each state, and where it leads. What is not listed is refused. */
export type TransitionTable<State extends string, Event extends string> = {
  readonly [S in State]: { readonly [E in Event]?: State }
}

/** RTMP 1.0 §7.2.1: `connect` comes first and once. */
export const netConnectionTransitions: TransitionTable<NetConnectionState, NetConnectionEvent> = {
  opened: { connect: 'connecting', close: 'closed' },
  connecting: { accept: 'connected', close: 'closed' },
  connected: { close: 'closed' },
  closed: { close: 'closed' },
}

/** RTMP 1.0 §7.2.2: a NetStream publishes or plays, one at a time; when it stops it is `idle` and may start again. */
export const netStreamTransitions: TransitionTable<NetStreamState, NetStreamEvent> = {
  idle: { publish: 'publishRequested', play: 'playRequested', stop: 'idle', delete: 'deleted' },
  publishRequested: { accept: 'publishing', stop: 'idle', delete: 'deleted' },
  publishing: { stop: 'idle', delete: 'deleted' },
  playRequested: { accept: 'playing', stop: 'idle', delete: 'deleted' },
  playing: { stop: 'idle', delete: 'deleted' },
  deleted: { stop: 'deleted', delete: 'deleted' },
}

/** A state machine that allows only the transitions of its table. */
export class StateMachine<State extends string, Event extends string> {
  readonly #table: TransitionTable<State, Event>
  #state: State

  constructor(table: TransitionTable<State, Event>, initial: State) {
    this.#table = table
    this.#state = initial
  }

  /** Where it stands. */
  get state(): State {
    return this.#state
  }

  /** @throws ProtocolError `RTMP_ERR_COMMAND_ORDER` for an event that has no place in this state */
  dispatch(event: Event): void {
    const next = this.#table[this.#state][event]
    if (next === undefined) {
      throw new ProtocolError('command', 'RTMP_ERR_COMMAND_ORDER', `${event} is not possible while ${this.#state}`)
    }
    this.#state = next
  }
}
