/** Defaults of `BitrateQuota` and `ConnectionQuota`. */
export const quotasDefaults: {
  /** Milliseconds over which a bitrate is measured. */
  readonly window: number
  /** Bits of an IPv6 address that count. */
  readonly ipv6Prefix: number
} = { window: 5_000, ipv6Prefix: 64 }
