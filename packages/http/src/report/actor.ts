import {
  type ConnectionInfo,
  type Host,
  type ServerView,
  type Status,
  status,
  type StatusCode,
  type StreamRecording,
  type StreamRelay,
  type StreamView,
} from '@rtmpipe/session'
import type { Describe } from './describe.ts'
import { failureOf } from './failure.ts'
import type { Act, EndStatus, Outcome } from './reports.ts'
import { streamId } from './shown.ts'
import type { WatchOptions } from './watch-options.ts'

const done: Outcome = { ok: true }
const several = 'there are several streams of this id: end the connection of the publisher that is meant'

/** Does what is asked for from outside. */
export class Actor {
  readonly #host: Host
  readonly #describe: Describe
  readonly #options: Pick<WatchOptions, 'reload' | 'drain'>

  constructor(host: Host, describe: Describe, options: Pick<WatchOptions, 'reload' | 'drain'>) {
    this.#host = host
    this.#describe = describe
    this.#options = options
  }

  async act(act: Act): Promise<Outcome> {
    try {
      return await this.#act(act)
    } catch (error) {
      return this.#failure(act, error)
    }
  }

  async #act(act: Act): Promise<Outcome> {
    switch (act.act) {
      case 'end connection':
      case 'end stream':
      case 'end player':
        return this.#end(act.act, act.id, act.status)
      case 'redirect stream':
        return this.#redirectStream(act.id, act.streamName)
      case 'redirect player': {
        const play = find(this.#server.players, ({ id }) => id === act.id)
        if (play === undefined) return missing('player')
        play.redirect(act.streamName)
        return done
      }
      case 'start recording': {
        const { record } = this.#server.abilities
        if (record === undefined) return impossible('nothing records here: give the server the plugin record()')
        const stream = this.#stream(act.stream)
        if (stream === undefined) return missing('stream')
        if (stream === 'several') return impossible(several)
        return { ok: true, id: this.#describe.recording(stream, await record(stream)).id }
      }
      case 'start relay': {
        const { relay } = this.#server.abilities
        if (relay === undefined) return impossible('nothing relays here: give the server the plugin relayPush()')
        const stream = this.#stream(act.stream)
        if (stream === undefined) return missing('stream')
        if (stream === 'several') return impossible(several)
        return { ok: true, id: this.#describe.relay(stream, await relay(stream, act.url)).id }
      }
      case 'end recording': {
        const recording = this.#recording(act.id)
        if (recording === undefined) return missing('recording')
        recording.end()
        return done
      }
      case 'end relay': {
        const relay = this.#relay(act.id)
        if (relay === undefined) return missing('relay')
        relay.end()
        return done
      }
      case 'change relay': {
        const relay = this.#relay(act.id)
        if (relay === undefined) return missing('relay')
        if (relay.change === undefined) return impossible('this relay can not be changed: end it and start another')
        relay.change(act.url)
        return done
      }
      case 'reload': {
        const { reload } = this.#options
        if (reload === undefined) return impossible('there is no configuration to read again')
        await reload()
        return done
      }
      case 'drain': {
        const { drain } = this.#options
        if (drain === undefined)
          return impossible('this server was not told how to drain: give http() the option drain')
        // It takes as long as the last client stays.
        drain(act.timeout === undefined ? {} : { timeout: act.timeout }).catch((error: unknown) => {
          this.#host.log.error({ err: error }, 'draining failed')
        })
        return done
      }
    }
  }

  #end(what: 'end connection' | 'end stream' | 'end player', id: string, told: EndStatus | undefined): Outcome {
    // A code that clients do not know is an error here, before anything has ended.
    const farewell: Status | undefined = told && status(told.code as StatusCode, told.description)
    const target = this.#target(what, id)
    if (target === undefined) return missing(what.slice('end '.length))
    if (target === 'several') return impossible(several)
    target.end(farewell)
    return done
  }

  #redirectStream(id: string, streamName: string): Outcome {
    const stream = this.#stream(id)
    if (stream === 'several') return impossible(several)
    if (stream === undefined) return missing('stream')
    // Whoever asks for a name that is taken is sent away: the publisher did not ask.
    if (this.#server.streams.get(stream.app, streamName)?.isPublishing === true)
      return impossible('that name is being published already')
    return stream.redirect(streamName) ? done : missing('stream')
  }

  #target(
    what: 'end connection' | 'end stream' | 'end player',
    id: string,
  ): Pick<ConnectionInfo, 'end'> | 'several' | undefined {
    const { connections, players } = this.#server
    if (what === 'end connection') return find(connections, connection => connection.id === id)
    if (what === 'end player') return find(players, play => play.id === id)
    const stream = this.#stream(id)
    return stream === 'several' || stream?.isPublishing === true ? stream : undefined
  }

  get #server(): ServerView {
    return this.#host.server
  }

  /** What may be a key is not in an id: nobody can tell whom it means if there are several. */
  #stream(id: string): StreamView | 'several' | undefined {
    const all = [...this.#server.streams].filter(({ app, name }) => streamId(app, name) === id)
    const exact = all.filter(({ app, name }) => `${app}/${name}` === id)
    const [stream, ...others] = exact.length > 0 ? exact : all
    return others.length > 0 ? 'several' : stream
  }

  #recording(id: string): StreamRecording | undefined {
    return this.#within(stream => find(stream.recordings, each => this.#describe.recording(stream, each).id === id))
  }

  #relay(id: string): StreamRelay | undefined {
    return this.#within(stream => find(stream.relays, each => this.#describe.relay(stream, each).id === id))
  }

  #within<T>(look: (stream: StreamView) => T | undefined): T | undefined {
    for (const stream of this.#server.streams) {
      const found = look(stream)
      if (found !== undefined) return found
    }
    return undefined
  }

  #failure({ act }: Act, error: unknown): Outcome {
    const failure = failureOf(act, error)
    if (failure.why === 'failed') this.#host.log.error({ err: error }, `to ${act} failed`)
    return failure
  }
}

function missing(what: string): Outcome {
  return { ok: false, why: 'not found', reason: `there is no such ${what}, or no longer` }
}

function impossible(reason: string): Outcome {
  return { ok: false, why: 'not possible', reason }
}

function find<T>(things: Iterable<T>, is: (thing: T) => boolean): T | undefined {
  for (const thing of things) if (is(thing)) return thing
  return undefined
}
