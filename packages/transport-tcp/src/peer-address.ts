/** An address and port at one end of a connection. */
export interface PeerAddress {
  /** IP address; IPv4 is written as such on a socket that takes both families. */
  readonly address: string
  /** 1 to 65,535. */
  readonly port: number
}

const MAPPED_IPV4 = /^::ffff:(?=\d+\.)/i

/** Tells IPv4 peers of a dual-stack socket by the address they are known by: `::ffff:192.0.2.1` is `192.0.2.1`. */
export function peerAddress(address: string, port: number): PeerAddress {
  return { address: address.replace(MAPPED_IPV4, ''), port }
}
