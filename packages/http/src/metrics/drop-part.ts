import type { ServerView } from '@rtmpipe/session'
import { Counter, type Registry } from 'prom-client'
import type { Part } from './part.ts'

const reasons = ['lag', 'keyframe'] as const
const kinds = ['audio', 'video', 'data'] as const

/** What players were not sent. */
export class DropPart implements Part {
  readonly #server: ServerView
  readonly #dropped: Counter<'kind' | 'reason'>

  constructor(registry: Registry, server: ServerView) {
    this.#server = server
    this.#dropped = new Counter({
      name: 'rtmpipe_dropped_messages_total',
      help: 'Messages that players were not sent: because they lagged, or because a keyframe was missing.',
      labelNames: ['kind', 'reason'],
      registers: [registry],
    })
  }

  read(): void {
    this.#dropped.reset()
    for (const reason of reasons)
      for (const kind of kinds) this.#dropped.inc({ kind, reason }, this.#server.dropped[reason][kind])
  }
}
