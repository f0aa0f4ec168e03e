import {
  Command,
  INETProtocol,
  IPv4Address,
  IPv4ProxyAddress,
  IPv6Address,
  IPv6ProxyAddress,
  type IPv6AddressTuple,
  Peer,
  TransportProtocol,
  UnspecProxyAddress,
  V1ProxyProtocol,
  V2ProxyProtocol,
} from 'proxy-protocol-js'

// Made by somebody else's encoder.

export const sixteen: IPv6AddressTuple = [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7] as never

export const v1: Buffer = Buffer.from(
  new V1ProxyProtocol(INETProtocol.TCP4, new Peer('203.0.113.9', 4711), new Peer('192.0.2.1', 443)).build(),
)

export const v1OfIPv6: Buffer = Buffer.from(
  new V1ProxyProtocol(INETProtocol.TCP6, new Peer('2001:DB8::7', 4711), new Peer('2001:db8::1', 443)).build(),
)

export const v2: Buffer = v2With()
export const v2Local: Buffer = v2With(undefined, Command.LOCAL)

export const v2OfIPv6: Buffer = Buffer.from(
  new V2ProxyProtocol(
    Command.PROXY,
    TransportProtocol.STREAM,
    new IPv6ProxyAddress(IPv6Address.createFrom(sixteen), 4711, IPv6Address.createFrom(sixteen), 443),
  ).build(),
)

export const v2OfNobody: Buffer = Buffer.from(
  new V2ProxyProtocol(Command.PROXY, TransportProtocol.UNSPEC, new UnspecProxyAddress()).build(),
)

/** With so many bytes behind the addresses. */
export function v2With(extra?: Uint8Array, command: Command = Command.PROXY): Buffer {
  const address = new IPv4ProxyAddress(
    IPv4Address.createFrom([203, 0, 113, 9]),
    4711,
    IPv4Address.createFrom([192, 0, 2, 1]),
    443,
  )
  const header = Buffer.from(new V2ProxyProtocol(command, TransportProtocol.STREAM, address).build())
  if (extra === undefined) return header
  header.writeUInt16BE(12 + extra.length, 14)
  return Buffer.concat([header, extra])
}
