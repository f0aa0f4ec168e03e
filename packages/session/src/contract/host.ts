import type { Acts } from './abilities.ts'
import type { Logger } from './logger.ts'
import type { InProcessPlayer } from './in-process.ts'
import type { ServerView } from './server-view.ts'
import type { View, ViewOutput } from './view.ts'

/** What a plugin is given by the server that uses it, see {@link Plugin.setup}. */
export interface Host {
  /** The server's log; every line has the plugin's name as `plugin`. */
  readonly log: Logger
  /** What goes on in the server: live, so that it may be kept and read at any time. */
  readonly server: ServerView
  /** Aborted when the plugin is used no more, just before it is told `onClose`, and when set-up is given up. */
  readonly signal: AbortSignal
  /**
   * Lets somebody in who watches by what the plugin serves: gates, limits and counts are those of every player.
   *
   * @throws StatusError as `RtmpServer.view` does
   */
  view(app: string, name: string, who: InProcessPlayer, output: ViewOutput): Promise<View>
  /**
   * Offers to do something for whoever asks, among {@link ServerView.abilities}, as long as the plugin is used. When several
   * plugins offer the same, the first in the list does it.
   */
  offer<Name extends keyof Acts>(ability: Name, act: Acts[Name]): void
}
