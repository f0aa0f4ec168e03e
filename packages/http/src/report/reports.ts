import type {
  ConnectionReport,
  PlayerReport,
  RecordingReport,
  RefusalReport,
  RelayReport,
  ServerEvent,
  ServerReport,
  StreamReport,
} from './report.ts'

/** What may be done from outside. Ids are those of the reports. */
export type Act =
  | { readonly act: 'end connection' | 'end stream' | 'end player'; readonly id: string; readonly status?: EndStatus }
  | { readonly act: 'redirect stream' | 'redirect player'; readonly id: string; readonly streamName: string }
  | { readonly act: 'start recording'; readonly stream: string }
  | { readonly act: 'end recording' | 'end relay'; readonly id: string }
  | { readonly act: 'start relay'; readonly stream: string; readonly url: string }
  | { readonly act: 'change relay'; readonly id: string; readonly url: string }
  | { readonly act: 'reload' }
  | { readonly act: 'drain'; readonly timeout?: number }

/** What a client is told when it is ended. */
export interface EndStatus {
  /** Such as `NetStream.Publish.Denied`. */
  readonly code: string
  /** The same in words; most clients show it. */
  readonly description: string
}

/** How an {@link Act} came out. */
export type Outcome =
  | { readonly ok: true; readonly id?: string }
  | { readonly ok: false; readonly why: 'not found' | 'not possible' | 'failed'; readonly reason: string }

/**
 * A server, or several processes that are one, as everything over HTTP sees it. Reads are cheap and only done when somebody
 * asks: nothing is counted for them per message.
 */
export interface Reports {
  /** The server as a whole. */
  server(): Promise<ServerReport>
  /** Clients' connections. */
  connections(): Promise<readonly ConnectionReport[]>
  /** Live streams. */
  streams(): Promise<readonly StreamReport[]>
  /** Plays in progress. */
  players(): Promise<readonly PlayerReport[]>
  /** Recordings in progress. */
  recordings(): Promise<readonly RecordingReport[]>
  /** Relays, in whatever state. */
  relays(): Promise<readonly RelayReport[]>
  /** The newest 1,000, newest first. */
  refusals(): Promise<readonly RefusalReport[]>
  /**
   * Tells `take` of every event after the one of the id `after`, as far as the newest 1,000 go back, and then of those
   * that come, until the returned function is called.
   */
  follow(take: (event: ServerEvent) => void, after?: number): () => void
  /** Does something. */
  act(act: Act): Promise<Outcome>
  /** The configuration as JSON, with secrets masked; undefined where there is none. */
  configuration(): unknown
}
