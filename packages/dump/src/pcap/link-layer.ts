const EtherType = { Ipv4: 0x0800, Ipv6: 0x86dd, Vlan: 0x8100, ServiceVlan: 0x88a8 } as const

/** LINKTYPE_ numbers of what is read here. */
const LinkType = {
  Null: 0,
  Ethernet: 1,
  /** Raw IP: registered as 101, and as it was written before. */
  Raw: [101, 12, 14, 228, 229],
  Loop: 108,
  LinuxCooked: 113,
  LinuxCooked2: 276,
} as const

/**
 * The IP packet in a captured one: what follows the header of its network. Undefined if it is of another protocol;
 * `'unknown'` if the network is.
 */
export function ipPacketOf(linkType: number, data: Buffer): Buffer | 'unknown' | undefined {
  switch (linkType) {
    case LinkType.Ethernet:
      return ethernet(data, 12)
    case LinkType.LinuxCooked:
      return ethernet(data, 14)
    case LinkType.LinuxCooked2:
      return isIp(data, 0) ? data.subarray(20) : undefined
    case LinkType.Null:
    case LinkType.Loop:
      // A protocol family, which every system counts in its own way and order: the IP version tells as well.
      return data.subarray(4)
    default:
      return LinkType.Raw.some(it => it === linkType) ? data : 'unknown'
  }
}

/** @param at where the EtherType stands */
function ethernet(data: Buffer, at: number): Buffer | undefined {
  while (at + 2 <= data.length) {
    const type = data.readUInt16BE(at)
    if (type !== EtherType.Vlan && type !== EtherType.ServiceVlan) break
    at += 4
  }
  return isIp(data, at) ? data.subarray(at + 2) : undefined
}

function isIp(data: Buffer, at: number): boolean {
  if (at + 2 > data.length) return false
  const type = data.readUInt16BE(at)
  return type === EtherType.Ipv4 || type === EtherType.Ipv6
}
