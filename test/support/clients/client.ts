import type { PacketList } from '../packets.ts'
import type { RunningProgram } from '../running-program.ts'

/** A real program that publishes a file to a URL. */
export interface Publisher extends AsyncDisposable {
  readonly program: RunningProgram
  /** Resolves when media up to this time of the file, in seconds, has been handed to the server. */
  published(seconds: number): Promise<void>
  /** Resolves when it has published the whole file and ended in peace. */
  finish(): Promise<void>
}

/** A real program that plays a URL. */
export interface Player extends AsyncDisposable {
  readonly program: RunningProgram
  /** Resolves when its play command is on the way. */
  playing(): Promise<void>
  /** Resolves when it has ended by itself, as it does when the stream ends. */
  finish(): Promise<PacketList>
}

/** How a program is started, other than usual. */
export interface Launch {
  readonly env?: Readonly<Record<string, string>>
  /** Milliseconds until it is killed; default 25 s. */
  readonly limit?: number
  /** The program's own options for the URL. */
  readonly args?: readonly string[]
}

/** How a publisher paces the file. */
export interface PublishOptions extends Launch {
  /** At the media's own speed, which is the default, or as fast as the server takes it. */
  readonly realtime?: boolean
}
