import type { RtmfpSessionKeys } from '@rtmpipe/transport-rtmfp/wire'

/** Options of a dump. */
export interface DumpOptions {
  /** The bytes begin after the handshake; default false. Only raw bytes of one direction do. */
  readonly noHandshake?: boolean
  /** Tell of every chunk too; default false. */
  readonly chunks?: boolean
  /** How many bytes of every message to give in hex; default 0. */
  readonly hex?: number
  /** Show names of streams and what stands in queries of URLs; default false. */
  readonly showNames?: boolean
  /** Keys of RTMFP sessions, as `parseKeyLog` reads them; default none: only start-up packets can be read. */
  readonly rtmfpKeys?: readonly RtmfpSessionKeys[]
}
