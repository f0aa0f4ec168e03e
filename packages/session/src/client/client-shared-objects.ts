import { type RtmpMessage, UsageError } from '@rtmpipe/chunk-stream'
import { StatusError } from '../contract/errors.ts'
import { ClientSharedObject, type ClientSharedObjectOptions } from './client-shared-object.ts'
import { deadline } from '../peer/deadline.ts'
import { sharedObjectMessage } from '../shared-object/encode-shared-object.ts'
import { parseSharedObject } from '../shared-object/parse-shared-object.ts'
import type { SharedObjectMessage } from '../protocol/shared-object-event.ts'
import { allContinued } from './all-continued.ts'

interface Use {
  readonly object: ClientSharedObject
  /** Set until the server has answered. */
  waiting: { resolve(): void; reject(error: Error): void } | undefined
}

/** The shared objects one client uses. */
export class ClientSharedObjects {
  readonly #send: (message: RtmpMessage) => void
  readonly #uses = new Map<string, Use>()

  constructor(send: (message: RtmpMessage) => void) {
    this.#send = send
  }

  /**
   * Resolves with the object's state.
   *
   * @param timeout milliseconds that the server may take to answer
   * @throws StatusError when the server refuses, LimitError `RTMP_ERR_CALL_TIMEOUT`, UsageError when it is in use already
   */
  async use(name: string, options: ClientSharedObjectOptions, timeout: number): Promise<ClientSharedObject> {
    if (this.#uses.has(name)) throw new UsageError('RTMP_ERR_USAGE', `shared object ${name} is in use already`)
    const object = new ClientSharedObject(name, options, this.#send, () => void this.#uses.delete(name))
    const { persistent } = object
    const message = sharedObjectMessage({ name, version: 0, persistent, events: [{ type: 'Use' }] })
    let timer: NodeJS.Timeout | undefined
    try {
      await new Promise<void>((resolve, reject) => {
        this.#uses.set(name, { object, waiting: { resolve, reject } })
        timer = deadline(`the use of shared object ${name}`, timeout, error => {
          // The server may have taken us for a user all the same.
          object.close()
          reject(error)
        })
        this.#send(message)
      })
      return object
    } finally {
      clearTimeout(timer)
    }
  }

  /** A promise asks the connection to wait. @throws ProtocolError, LimitError for what can not be meant */
  take(message: RtmpMessage): void | Promise<void> {
    const parsed = parseSharedObject(message)
    const use = this.#uses.get(parsed.name)
    if (use === undefined) return
    if (use.waiting === undefined) return use.object.take(parsed)
    return this.#answer(use, use.waiting, parsed)
  }

  /**
   * The connection is a new one: uses the objects there too. Writes that were on their way are lost, and the new state
   * tells so.
   */
  again(): void {
    for (const { object } of this.#uses.values()) {
      const { name, persistent } = object
      object.forget()
      this.#send(sharedObjectMessage({ name, version: 0, persistent, events: [{ type: 'Use' }] }))
    }
  }

  /** The connection has closed. */
  close(reason: Error, failure: Error | undefined): void {
    for (const { object, waiting } of this.#uses.values()) {
      waiting?.reject(reason)
      object.closed(failure)
    }
    this.#uses.clear()
  }

  #answer(use: Use, waiting: NonNullable<Use['waiting']>, parsed: SharedObjectMessage): void | Promise<void> {
    if (parsed.events.some(({ type }) => type === 'UseSuccess')) {
      use.object.take(parsed)
      use.waiting = undefined
      waiting.resolve()
      // The caller gets the object before its first message.
      return allContinued()
    }
    const refusal = parsed.events.find(event => event.type === 'Status')
    // Before the answer, changes may come that were meant for an earlier use of the same name.
    if (refusal === undefined) return
    this.#uses.delete(parsed.name)
    waiting.reject(new StatusError(refusal.code, ''))
  }
}
