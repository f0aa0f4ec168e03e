import type { Origin } from './origin.ts'
import type { Post } from './post.ts'
import type { TurnKind } from './turn.ts'

/** A request that came to another process than the one that has its session. */
export interface HandedOver {
  /** What is asked for. */
  readonly kind: TurnKind | 'close'
  /** Of the session: letters and digits. */
  readonly id: string
  /** Decimal, or empty where a `/close` has none. */
  readonly number: string
  /** To be answered once. */
  readonly post: Post
  /** Whom it comes from. */
  readonly origin: Origin
  /** Bytes that the answer may have at most, where the connection that it goes to can't tell. Default: no limit. */
  readonly most?: number | undefined
}

/** The other processes that sessions may be in: their ids begin with a process's name. */
export interface Colleagues {
  /**
   * Has the process of that name answer, which gives it to {@link TunnelServer.take}.
   *
   * @returns false when there is none, and nothing has been answered
   */
  handOver(name: string, request: HandedOver): boolean
  /**
   * Takes what others hand over to the process of that name, if the way there is the same. Without it, whoever makes the
   * {@link TunnelServer} sees to that.
   *
   * @returns ends it
   */
  serve?(name: string, take: (request: HandedOver) => void): () => void
}
