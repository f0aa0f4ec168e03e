import type { AmfValue } from '@rtmpipe/amf'
import type { Duplex, Readable } from 'node:stream'
import { checkDenialInfo, deny, type Denial, type Refusal } from '../contract/denial.ts'
import { PluginError } from '../contract/errors.ts'
import type { ConnectionInfo } from '../contract/connection-info.ts'
import type { Context } from '../contract/context.ts'
import type { PlayInfo, PublishInfo } from '../contract/info.ts'
import { defaultSessionLimits } from '../contract/limits.ts'
import type { Logger } from '../contract/logger.ts'
import type {
  CallEvent,
  CommitHooks,
  ConnectAnswer,
  IntroduceAnswer,
  GateHooks,
  LastAct,
  NoticeHooks,
  PlayEvent,
  Plugin,
  StreamAnswer,
  Undo,
} from '../contract/plugin.ts'
import { hasSubscribers, publishNotice } from './channels.ts'
import { Commitment } from './commitment.ts'
import { discardAnswer } from './discard.ts'
import { inTime } from '../peer/in-time.ts'
import { GateClock } from './gate-clock.ts'
import { fromPlugin } from './pipeline.ts'
import { Question } from './question.ts'
import type { Source } from '../contract/source.ts'
import { checkStatusCode } from '../protocol/status.ts'
import { parseStreamName } from '../protocol/stream-target.ts'

type GateName = keyof GateHooks
type GateEventOf<K extends GateName> = Parameters<NonNullable<GateHooks[K]>>[0]
type CommitName = keyof CommitHooks
type CommitEventOf<K extends CommitName> = Parameters<NonNullable<CommitHooks[K]>>[0]
type Act = (event: unknown) => unknown
type NoticeName = keyof NoticeHooks

/** What the hooks of this class add to the event of a caller. */
type Added = 'signal' | 'context'
/** An event as callers give it. Without a context of its own it has that of its connection. */
type Asked<Event> = Omit<Event, Added> & { readonly context?: Context }

/** What all gates together decided: a denial, or the event as the plugins' answers changed it. */
export type GateVerdict<Event> = { readonly denial: Refusal } | { readonly denial?: undefined; readonly event: Event }

/** Stands for the server among the plugins that act. */
const itself: Plugin = { name: 'session' }

const failures: Record<GateName | CommitName, Denial> = {
  onConnect: deny('NetConnection.Connect.Failed', 'internal error'),
  onPublish: deny('NetStream.Failed', 'internal error'),
  onPlay: deny('NetStream.Failed', 'internal error'),
  onSharedObject: deny('SharedObject.ObjectCreationFailed', 'internal error'),
  onIntroduce: deny('NetConnection.Connect.Rejected', 'internal error'),
  onConnectAccepted: deny('NetConnection.Connect.Failed', 'internal error'),
  onPublishAccepted: deny('NetStream.Failed', 'internal error'),
  onPlayAccepted: deny('NetStream.Failed', 'internal error'),
}

/** Asks plugins, in list order, by the rule of each kind of hook. */
export class Hooks {
  readonly #plugins: readonly Plugin[]
  readonly #deadline: number
  readonly #log: Logger
  readonly #closeTimeout: number
  /** True if one of the plugins wants to know how long gates take. */
  readonly #hasGateListener: boolean

  /**
   * @param deadline milliseconds a gate, commit, source or call hook may take
   * @param closeTimeout milliseconds `onClose` may take
   */
  constructor(
    plugins: readonly Plugin[],
    deadline: number,
    log: Logger,
    closeTimeout: number = defaultSessionLimits.closeTimeout,
  ) {
    this.#plugins = plugins
    this.#deadline = deadline
    this.#log = log
    this.#closeTimeout = closeTimeout
    this.#hasGateListener = plugins.some(({ onGate }) => onGate !== undefined)
  }

  /**
   * Gates: the first denial wins; answers change what the next plugin sees. A throw or overrun denies.
   *
   * @param isTold whether others hear of the answers, by `onGate`. Default true
   */
  async gate<K extends GateName, Event extends Asked<GateEventOf<K>>>(
    hook: K,
    event: Event,
    isTold: boolean = true,
  ): Promise<GateVerdict<Event>> {
    let current = event
    for (const plugin of this.#plugins) {
      const ask = plugin[hook] as ((event: unknown) => unknown) | undefined
      if (ask === undefined) continue
      const clock = isTold ? this.#clock(hook, plugin, current.connection) : undefined
      const answer = await this.#inTime(plugin, hook, current, ask)
      const denial = this.#denialOf(plugin, hook, answer, isAnswer(answer), 'which means nothing')
      if (clock !== undefined) void this.notice('onGate', clock.stop(answer, denial))
      if (denial !== undefined) return { denial }
      if (isAnswer(answer)) current = mergeAnswer(current, answer)
    }
    return { event: current }
  }

  /**
   * Commits: all act in turn, then those with something that can't be taken back, until one refuses; then those before it
   * take back what they did.
   *
   * @param session what the session itself does when no plugin has refused, before what plugins do last
   */
  async commit<K extends CommitName>(
    hook: K,
    event: Asked<CommitEventOf<K>>,
    session?: () => Promise<Undo | undefined>,
  ): Promise<Commitment> {
    const undos: (() => void)[] = []
    const acts = this.#plugins.flatMap(plugin => {
      const act = plugin[hook] as Act | undefined
      return act === undefined ? [] : [{ plugin, act: (told: unknown) => act.call(plugin, told), isLast: false }]
    })
    if (session !== undefined) acts.push({ plugin: itself, act: session, isLast: true })
    // Grows behind its end by what comes last.
    for (const { plugin, act, isLast } of acts) {
      let given: unknown
      const clock = plugin === itself ? undefined : this.#clock(hook, plugin, event.connection)
      const answer = await this.#inTime(plugin, hook, event, told => (given = act(told)))
      const isCommit = typeof answer === 'function' || (!isLast && isLastAct(answer))
      const denial = this.#denialOf(plugin, hook, answer, isCommit, 'neither a denial, nor a function, nor a last act')
      if (clock !== undefined) void this.notice('onGate', clock.stop(answer, denial))
      if (!isLast && isLastAct(answer)) {
        acts.push({ plugin, act: told => answer.whenAgreed(told), isLast: true })
        continue
      }
      if (denial === undefined) {
        if (typeof answer === 'function') undos.push(() => this.#undo(plugin, hook, answer as Undo))
        continue
      }
      // Too late, it may have acted all the same.
      if (answer instanceof PluginError && isThenable(given)) {
        given.then(
          late => typeof late === 'function' && this.#undo(plugin, hook, late as Undo),
          () => {},
        )
      }
      const refused = new Commitment(undos, denial)
      refused.undo()
      return refused
    }
    return new Commitment(undos)
  }

  /** Source: the first plugin that returns one supplies what is played. */
  async source(event: Asked<PlayEvent>): Promise<Source | undefined> {
    for (const plugin of this.#plugins) {
      if (plugin.sourcePlay === undefined) continue
      const ask = plugin.sourcePlay as (event: unknown) => unknown
      const source = await this.#inTime(plugin, 'sourcePlay', event, ask, discardAnswer)
      if (source instanceof PluginError) throw source
      if (source === undefined || source === null) continue
      if (typeof source !== 'object')
        throw this.#fault(plugin, 'sourcePlay', new TypeError(`answered ${typeof source}, which is no source`))
      return 'kind' in source ? (source as Source) : { kind: 'private', messages: source as Readable }
    }
    return undefined
  }

  /** Bind: the Transforms to splice into one stream's path, in list order. */
  bind(hook: 'bindPublish' | 'bindPlay', info: PublishInfo | PlayInfo): Duplex[] {
    const transforms: Duplex[] = []
    for (const plugin of this.#plugins) {
      try {
        const transform = (plugin[hook] as ((info: unknown) => Duplex | void) | undefined)?.call(plugin, info)
        if (transform) transforms.push(fromPlugin(transform, { plugin: plugin.name, hook }))
      } catch (error) {
        for (const transform of transforms) transform.destroy()
        throw this.#fault(plugin, hook, error)
      }
    }
    return transforms
  }

  /** Call: the first answer that is not undefined. @throws PluginError when the method threw */
  async call(event: Asked<CallEvent>): Promise<AmfValue> {
    for (const plugin of this.#plugins) {
      if (plugin.onCall === undefined) continue
      const value = await this.#inTime(plugin, 'onCall', event, plugin.onCall as (event: unknown) => unknown)
      if (value instanceof PluginError) throw value
      if (value !== undefined) return value as AmfValue
    }
    return undefined
  }

  /**
   * Notices: everyone is told; failures are logged and hide nothing. Resolves when all have answered. Who has not
   * answered `onClose` in time has failed.
   */
  async notice<K extends NoticeName>(hook: K, ...event: Parameters<NonNullable<NoticeHooks[K]>>): Promise<void> {
    publishNotice(hook, ...event)
    const listeners = this.#plugins.filter(plugin => plugin[hook] !== undefined)
    if (listeners.length === 0) return
    const told = listeners.map(async plugin => {
      try {
        const answer = (plugin[hook] as (...event: unknown[]) => unknown).call(plugin, ...event)
        await (hook === 'onClose' && isThenable(answer) ? inTime(answer, this.#closeTimeout) : answer)
      } catch (error) {
        this.#fault(plugin, hook, error)
      }
    })
    await Promise.all(told)
  }

  async #inTime(
    plugin: Plugin,
    hook: string,
    event: Asked<{ readonly connection: { readonly signal: AbortSignal; readonly context: Context } }>,
    ask: (event: unknown) => unknown,
    late?: (answer: unknown) => void,
  ): Promise<unknown> {
    const client = event.connection
    const question = new Question(client)
    try {
      // The signal is made only when a plugin waits or asks for it: most do neither.
      const answer = ask.call(plugin, {
        ...event,
        get signal() {
          return question.signal
        },
        // Made only when a plugin asks for it: idle connections have none.
        get context() {
          return event.context ?? client.context
        },
      })
      const value = isThenable(answer) ? await question.inTime(answer, this.#deadlineOf(plugin), late) : answer
      if (Object.hasOwn(failures, hook) && isDenial(value)) {
        checkStatusCode(value.code)
        if (value.info !== undefined) checkDenialInfo(value.info)
      }
      return value
    } catch (error) {
      if (!client.signal.aborted) return this.#fault(plugin, hook, error)
      this.#log.debug({ plugin: plugin.name, hook, err: error }, 'the client has left meanwhile')
      return new PluginError(plugin.name, hook, 'the client has left', { cause: error })
    }
  }

  #deadlineOf({ hookTimeout = 0 }: Plugin): number {
    return Math.max(this.#deadline, hookTimeout)
  }

  /** @returns undefined when nobody wants to know how long the answer takes */
  #clock(hook: GateName | CommitName, plugin: Plugin, connection: ConnectionInfo): GateClock | undefined {
    if (!this.#hasGateListener && !hasSubscribers('rtmpipe:gate')) return undefined
    return new GateClock(hook, plugin.name, connection)
  }

  /**
   * @param means whether the hook may answer that, if it is anything
   * @param otherwise what it is if not, in words
   * @returns undefined if the plugin has no objection to what is to begin
   */
  #denialOf(
    plugin: Plugin,
    hook: GateName | CommitName,
    answer: unknown,
    means: boolean,
    otherwise: string,
  ): Refusal | undefined {
    if (answer instanceof PluginError) return refusal(plugin, failures[hook])
    if (isDenial(answer)) return refusal(plugin, answer)
    if (answer === undefined || answer === null || means) return undefined
    this.#fault(plugin, hook, new TypeError(`answered ${typeof answer}, ${otherwise}`))
    return refusal(plugin, failures[hook])
  }

  #undo(plugin: Plugin, hook: CommitName, undo: Undo): void {
    try {
      const done = undo()
      if (isThenable(done)) done.then(undefined, error => this.#fault(plugin, hook, error))
    } catch (error) {
      this.#fault(plugin, hook, error)
    }
  }

  #fault(plugin: Plugin, hook: string, cause: unknown): PluginError {
    const message = cause instanceof Error ? cause.message : String(cause)
    const error = new PluginError(plugin.name, hook, message, { cause })
    this.#log.error({ plugin: plugin.name, hook, err: cause }, 'plugin failed')
    return error
  }
}

function refusal({ name }: Plugin, denial: Denial): Refusal {
  return { ...denial, plugin: name }
}

function isDenial(answer: unknown): answer is Denial {
  return typeof answer === 'object' && answer !== null && (answer as Partial<Denial>).denied === true
}

function isLastAct(answer: unknown): answer is LastAct<unknown> {
  return (
    typeof answer === 'object' &&
    answer !== null &&
    typeof (answer as Partial<LastAct<unknown>>).whenAgreed === 'function'
  )
}

/** Any object with `then` counts as a promise: one that was missed would have no deadline. */
function isThenable(answer: unknown): answer is PromiseLike<unknown> {
  return typeof (answer as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function'
}

type Answer = Partial<ConnectAnswer & StreamAnswer & IntroduceAnswer>

function isAnswer(answer: unknown): answer is Answer {
  if (typeof answer !== 'object' || answer === null) return false
  const { streamName = 'x', response = {}, allowed = true } = answer as Answer
  if (typeof streamName !== 'string' || streamName === '' || typeof allowed !== 'boolean') return false
  return typeof response === 'object' && response !== null
}

/** A new name replaces the old; response fields add up. Nothing else of an event changes. */
function mergeAnswer<Event extends object>(event: Event, { streamName, response, allowed }: Answer): Event {
  return {
    ...event,
    ...('streamName' in event && streamName !== undefined && parseStreamName(streamName)),
    ...('allowed' in event && allowed !== undefined && { allowed }),
    ...('response' in event && { response: { ...(event.response as object), ...response } }),
  }
}
