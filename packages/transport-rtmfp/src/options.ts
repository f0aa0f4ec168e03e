import type { Group } from './crypto/diffie-hellman.ts'
import type { RtmfpSessionKeys } from './key-log.ts'
import type { EndpointLimits } from './limits.ts'

/** Options of `rtmfp`. */
export interface RtmfpOptions {
  /** Address to listen on. Default `127.0.0.1`; `::` is every address, IPv4 included. */
  readonly host?: string | undefined
  /** UDP port to listen on. Default 1935, which may be that of RTMP, too; 0 takes a free one. */
  readonly port?: number | undefined
  /**
   * Let other processes listen on the same port, between which the system spreads clients by address (Node 22.12, 23.1 or newer, Linux
   * or BSD). A client whose address changes loses its session then. Default false.
   */
  readonly reusePort?: boolean | undefined
  /** Diffie-Hellman groups, best first. Default 14, 5 and 2; the last one is for old programs, and weak. */
  readonly groups?: readonly Group[] | undefined
  /**
   * Opens only sessions whose packets are authenticated (HMAC) and numbered, both ways: nobody else can alter, repeat or add
   * any, and addresses may change. Flash Player, librtmfp and others that know neither are refused: a listener does not answer
   * them, a dialler fails with `RTMP_ERR_RTMFP_UNPROTECTED`. Default false: done with whoever can.
   */
  readonly requireHmac?: boolean | undefined
  /** Limits that differ from the defaults. */
  readonly limits?: Partial<EndpointLimits> | undefined
  /** Milliseconds that dialling may take. Default 10,000. */
  readonly connectTimeout?: number | undefined
  /** Listening: the socket is broken, and every connection of it has ended. Default: nobody is told. */
  readonly onError?: ((error: Error) => void) | undefined
  /**
   * For debugging: told the keys of every session that opens, before its first message; `keyLogLine` makes a line of them for
   * `rtmpipe dump --rtmfp-keys`. Whoever has them can read the session. Must not throw. Default: nobody is told.
   */
  readonly onKeys?: ((keys: RtmfpSessionKeys) => void) | undefined
}
