import { propertiesOf } from '@rtmpipe/amf'
import type { ReadCommand } from '../body/command-body.ts'
import type { Complain } from '../complain.ts'
import { newMediaState, newStreamState, type StreamState } from './stream-state.ts'

/** A capture that opens more is not followed beyond. */
const maxStreams = 1_024
const maxCalls = 1_024

type Side = 'client' | 'server'

/** Commands of a stream; on message stream 0 they mean nothing. */
const streamCommands: ReadonlySet<string> = new Set([
  'publish',
  'play',
  'play2',
  'seek',
  'pause',
  'receiveAudio',
  'receiveVideo',
])

/** The order of the commands of a connection, and what they make of its message streams (RTMP 1.0 §7.2). */
export class CommandChecks {
  #bothWays: boolean
  #connected = false
  readonly #streams = new Map<number, StreamState>()
  /** Streams that were ever played: what a server still sends after the end is no mistake. */
  readonly #played = new Set<number>()
  /** Streams that createStream was answered with; followed only where both directions are. */
  readonly #created = new Set<number>()
  readonly #calls = { client: new Map<number, string>(), server: new Map<number, string>() }

  constructor(bothWays: boolean) {
    this.#bothWays = bothWays
  }

  /** One side can not be read, or not in time. */
  loseSide(): void {
    this.#bothWays = false
    this.#created.clear()
  }

  /** The state of a message stream, made when it is asked for. */
  stream(messageStreamId: number): StreamState {
    const known = this.#streams.get(messageStreamId)
    if (known !== undefined) return known
    const state = newStreamState()
    if (this.#streams.size < maxStreams) this.#streams.set(messageStreamId, state)
    return state
  }

  /** Whether that side may send audio and video on a message stream. */
  maySendMedia(from: Side, messageStreamId: number): boolean {
    return from === 'client' ? this.stream(messageStreamId).publishing : this.#played.has(messageStreamId)
  }

  check(from: Side, command: ReadCommand, messageStreamId: number, complain: Complain): void {
    const { name, transactionId } = command
    if (name === '_result' || name === '_error') return this.#answer(from, command, complain)
    if (from === 'client') this.#clientCommand(command, messageStreamId, complain)
    if (transactionId > 0 && this.#calls[from].size < maxCalls) this.#calls[from].set(transactionId, name)
    if (name === 'onStatus') this.#status(command, messageStreamId)
  }

  #clientCommand(command: ReadCommand, messageStreamId: number, complain: Complain): void {
    const { name, transactionId } = command
    const shown = name.slice(0, 40)
    if (name === 'connect') {
      if (this.#connected) complain('command-state', 'connect for the second time')
      this.#connected = true
    } else if (!this.#connected) {
      complain('command-state', `${shown} before connect`)
      this.#connected = true
    }
    if (name === 'connect' || name === 'createStream') {
      if (transactionId === 0) complain('command-form', `${shown} with transaction id 0 wants no answer`)
      if (messageStreamId !== 0) complain('message-stream', `${shown} on message stream ${messageStreamId}, not on 0`)
    }
    if (streamCommands.has(name) && messageStreamId === 0) {
      complain('message-stream', `${shown} on message stream 0, which is the connection`)
    } else if (streamCommands.has(name) && this.#created.size > 0 && !this.#created.has(messageStreamId)) {
      complain('message-stream', `${shown} on message stream ${messageStreamId}, which was not created`)
    }
    this.#streamCommand(command, messageStreamId, complain)
  }

  #streamCommand({ name, args }: ReadCommand, messageStreamId: number, complain: Complain): void {
    const state = this.stream(messageStreamId)
    switch (name) {
      case 'publish':
        if (state.publishing) complain('command-state', 'publish on a stream that is published already')
        if (state.playing) complain('command-state', 'publish on a stream that plays')
        state.publishing = true
        state.client = newMediaState()
        break
      case 'play':
      case 'play2':
        if (state.publishing) complain('command-state', `${name} on a stream that is published`)
        state.playing = true
        if (this.#played.size < maxStreams) this.#played.add(messageStreamId)
        restart(state)
        break
      case 'seek':
      case 'pause':
        restart(state)
        break
      case 'closeStream':
        this.#close(messageStreamId)
        break
      case 'deleteStream': {
        const [id] = args
        if (typeof id !== 'number') break
        this.#close(id)
        this.#created.delete(id)
        break
      }
    }
  }

  #close(messageStreamId: number): void {
    this.#streams.delete(messageStreamId)
  }

  #answer(from: Side, { name, transactionId, args }: ReadCommand, complain: Complain): void {
    if (!this.#bothWays) return
    const calls = this.#calls[from === 'server' ? 'client' : 'server']
    const call = calls.get(transactionId)
    if (call === undefined)
      return complain('command-state', `${name} answers call ${transactionId}, which was not made`)
    calls.delete(transactionId)
    if (call !== 'createStream' || name !== '_result') return
    const [id] = args
    if (typeof id === 'number' && Number.isSafeInteger(id) && id > 0) {
      if (this.#created.size < maxStreams) this.#created.add(id)
    } else complain('command-form', 'createStream is not answered with a message stream id from 1')
  }

  /** What a server begins anew may go back in time. */
  #status({ args }: ReadCommand, messageStreamId: number): void {
    const { code, level } = propertiesOf(args[0]) ?? {}
    if (typeof code !== 'string') return
    const state = this.stream(messageStreamId)
    if (/^NetStream\.(Play|Seek|Unpause)\./.test(code)) restart(state)
    if (code === 'NetStream.Unpublish.Success' || (level === 'error' && code.startsWith('NetStream.Publish.'))) {
      state.publishing = false
    }
    if (code === 'NetStream.Play.Stop' || (level === 'error' && code.startsWith('NetStream.Play.')))
      state.playing = false
  }
}

/** What a player is sent next may be of another time; headers stay valid. */
function restart({ server }: StreamState): void {
  server.audioTime = undefined
  server.videoTime = undefined
}
