/** The end of both keys. */
const tail = Buffer.from('f0eec24a8068bee82e00d0d1029e7e576eec5d2d29806fab93b8e636cfeb31ae', 'hex')

/** A published constant that one side of a digest handshake signs with. Everybody knows it: it proves nothing. */
export interface GenuineKey {
  /** Signs C1 or S1. */
  readonly name: Buffer
  /** Signs C2 or S2, together with the peer's digest. */
  readonly whole: Buffer
}

/** The server's. */
export const serverKey: GenuineKey = genuineKey('Genuine Adobe Flash Media Server 001')

/** The client's. */
export const clientKey: GenuineKey = genuineKey('Genuine Adobe Flash Player 001')

function genuineKey(text: string): GenuineKey {
  const name = Buffer.from(text, 'latin1')
  return { name, whole: Buffer.concat([name, tail]) }
}
