import { createRequire } from 'node:module'
import { join } from 'node:path'
import { nodeMediaServerFolder } from '../servers/node-media-server.ts'

interface Parser {
  handshakeState: number
  readonly parserPacket: { readonly header: { readonly type: number } }
  parserData(bytes: Buffer): void
  packetHandler(): void
  controlHandler(): void
}

interface Packet {
  codec_type: number
  size: number
  dts: number
  data: Buffer
}

interface ParserClass {
  new (): Parser
  createMessage(packet: Packet): Buffer
}

const handshakeDone = 3
const firstMediaType = 8

/** Node-Media-Server's chunk parser and writer, taken out of the server. @throws when it is not installed */
export function nodeMediaServerParser(): ParserClass {
  const Parser = createRequire(import.meta.url)(join(nodeMediaServerFolder(), 'src/protocol/rtmp.js')) as ParserClass
  return class extends Parser {
    override handshakeState = handshakeDone

    /** Framing is obeyed, nothing else is done with messages: the parser alone is timed. */
    override packetHandler(): void {
      if (this.parserPacket.header.type < firstMediaType) this.controlHandler()
    }
  }
}
