/** One way in which a client has tried to reach its server. */
export interface ConnectAttempt {
  /** Scheme, host and port, like `rtmpts://host:443`; nothing else of the URL. */
  readonly url: string
  /** Why it did not lead to a server; undefined for the one that did. */
  readonly error?: Error
}
