import type { ClusterStats } from './cluster.ts'

/** What a `Watch` can't find out by itself. */
export interface WatchOptions {
  /** Reads the configuration again. Default: that is not possible. */
  readonly reload?: (() => Promise<void>) | undefined
  /** Lets those who are there finish, such as `Server.drain`. Default: that is not possible. */
  readonly drain?: ((options: { readonly timeout?: number }) => Promise<void>) | undefined
  /** The configuration with secrets masked, as JSON. Default: there is none. */
  readonly configuration?: (() => unknown) | undefined
  /** How the server fares among many machines, such as `() => fabric.stats` of a `natsFabric()`. Default: it has none. */
  readonly cluster?: (() => ClusterStats) | undefined
  /** Of several processes that are one server: which one this is, from 0. */
  readonly worker?: number | undefined
}
