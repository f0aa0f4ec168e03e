import { EventEmitter } from 'node:events'
import { type Awaitable, type Logger, type Plugin, StatusError } from '@rtmpipe/session'
import { type HookAnswer, watched } from './plugin-watch.ts'
import { TestServer } from './test-server.ts'
import { within } from './within.ts'

/** A plugin under test, fresh for each case. */
export interface PluginSubject {
  /** A new one for each case. */
  readonly plugin: Plugin
  /** What it lets a client publish and play: `app/name`, with a query if it wants one. Default `live/compliance`. */
  readonly path?: string
  /** Called when the case is over, passed or failed. */
  dispose?(): Awaitable<void>
}

/** Runs servers with a subject in them, and writes down what its hooks answer and where they fail. */
export class PluginBench {
  readonly subject: PluginSubject
  readonly answers: HookAnswer[] = []
  /** What hooks threw, deadlines they overran, Transforms and sources that failed: one line each. */
  readonly faults: string[] = []
  readonly #servers: TestServer[] = []

  constructor(subject: PluginSubject) {
    this.subject = subject
  }

  get path(): string {
    return this.subject.path ?? 'live/compliance'
  }

  /** @param others asked after the subject */
  async server(...others: Plugin[]): Promise<TestServer> {
    const plugins = [watched(this.subject.plugin, this.answers), ...others]
    const server = new TestServer({ plugins, log: this.#log() })
    this.#servers.push(server)
    await within('onListen', server.server.listen())
    return server
  }

  /** Closes every server, and with it what the subject has opened for it. */
  async close(): Promise<void> {
    const closing = this.#servers.map(server => server[Symbol.asyncDispose]())
    await within('every server to close, onClose included', Promise.all(closing))
  }

  async clear(): Promise<void> {
    await this.close()
    await this.subject.dispose?.()
  }

  #log(): Logger {
    const note = (fields: object, message: string) => {
      const { hook = message, err } = fields as { hook?: string; err?: unknown }
      // Failing is what a method may do: it is answered with `_error`.
      if (hook !== 'onCall') this.faults.push(`${hook}: ${String(err)}`)
    }
    const log: Logger = {
      debug() {},
      info() {},
      warn: (fields, message) => void (message.endsWith('source failed') && note(fields, message)),
      error: note,
      child: () => log,
    }
    return log
  }
}

/** What was asked for, or the status of a refusal. How a stream ends later is no error of the case. */
export async function outcome<T>(what: string, asked: Promise<T>): Promise<T | string> {
  try {
    const value = await within(what, asked)
    if (value instanceof EventEmitter) value.on('error', () => {})
    return value
  } catch (error) {
    if (error instanceof StatusError) return error.statusCode
    throw error
  }
}
