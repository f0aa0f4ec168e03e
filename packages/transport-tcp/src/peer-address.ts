/** An address and port at one end of a connection. */
export interface PeerAddress {
  /** IP address; IPv4 is written as such on a socket that takes both families. */
  readonly address: string
  /** 1 to 65,535; 0 where a proxy does not tell it. */
  readonly port: number
}
