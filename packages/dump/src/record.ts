import type { ComplaintCode } from './complaint-code.ts'
import type { PlainValue } from './plain-value.ts'

/** Who sent something; null as long as one direction alone does not tell. */
export type Sender = 'client' | 'server' | null

/** Where in a capture something stands. */
export interface Place {
  /** Number of the connection, from 1; 0 in complaints about the capture file itself, whose offsets are the file's. */
  readonly connection: number
  /** Who sent it. */
  readonly from: Sender
  /** Bytes this sender sent before it; C0 and S0 are at 0. Of RTMFP: bytes of datagrams before that in which it stands. */
  readonly offset: number
  /** Seconds since the first packet of the capture; only where the capture says. */
  readonly capturedAt?: number
}

/** A connection begins. Addresses are known from captured packets only. */
export interface ConnectionRecord {
  readonly kind: 'connection'
  /** Number of the connection, from 1. */
  readonly connection: number
  /** Address and port of the client. */
  readonly client?: string
  /** Address and port of the server. */
  readonly server?: string
  /** Seconds since the first packet of the capture. */
  readonly capturedAt?: number
  /** Of RTMFP: the client is who asked for the session. */
  readonly protocol?: 'rtmfp'
}

/** C0 C1 C2, or S0 S1 S2. */
export interface HandshakeRecord extends Place {
  readonly kind: 'handshake'
  /** Bytes that this side sent for it. */
  readonly length: number
  /** C0 or S0. */
  readonly version: number
  /** Milliseconds, as C1 or S1 has it. */
  readonly time: number
  /** Bytes 4 to 7 of C1 or S1; `0.0.0.0` in a simple handshake. */
  readonly peerVersion: string
  /** Whether C1 or S1 has a valid digest. */
  readonly digest: boolean
}

/** One chunk's header. */
export interface ChunkRecord extends Place {
  readonly kind: 'chunk'
  /** Which sequence of chunks it belongs to (RTMP 1.0 §5.3.1.1). */
  readonly chunkStreamId: number
  /** Format of its message header, 0 to 3 (RTMP 1.0 §5.3.1.2). */
  readonly format: number
  /** Bytes of its headers, extended timestamp included. */
  readonly headerLength: number
  /** Whether the header has an extended timestamp (RTMP 1.0 §5.3.1.3). */
  readonly extendedTimestamp: boolean
  /** Of the message, milliseconds. */
  readonly timestamp: number
  /** Bytes of the whole message. */
  readonly messageLength: number
  /** Type of the message (RTMP 1.0 §6.1.1). */
  readonly messageTypeId: number
  /** NetStream of the message; 0 is the NetConnection. */
  readonly messageStreamId: number
  /** Bytes of the message that came in chunks before this one. */
  readonly messageOffset: number
  /** Bytes of the message in this chunk. */
  readonly payloadLength: number
}

/** One message, told when it is complete; its place is that of its first chunk. */
export interface MessageRecord extends Place {
  readonly kind: 'message'
  /** Milliseconds. */
  readonly timestamp: number
  /** Chunk stream it came on; RTMFP has none. */
  readonly chunkStreamId?: number
  /** Flow of RTMFP that it came on. */
  readonly flowId?: number
  /** Type of the message (RTMP 1.0 §6.1.1). */
  readonly messageTypeId: number
  /** NetStream it belongs to; 0 is the NetConnection. */
  readonly messageStreamId: number
  /** Bytes of its body. */
  readonly length: number
  /** As in `--type`. */
  readonly group: MessageGroup
  /** Name of the message type; `Type7` and the like for unknown ones. */
  readonly type: string
  /** What the body says, by message type; empty if it can not be read. */
  readonly body: { readonly [key: string]: PlainValue }
  /** The first bytes of the body, in hex, if asked for. */
  readonly hex?: string
}

/** A packet of RTMFP (RFC 7016 §2.2); its chunks follow. */
export interface PacketRecord extends Place {
  readonly kind: 'packet'
  /** Bytes of its datagram. */
  readonly length: number
  /** Id of the session at its receiver, as 8 hex digits; zeros for start-up. Null if it is too short to have one. */
  readonly sessionId: string | null
  /** Where it came from, if that is not where the connection began. */
  readonly address?: string
  /** Whether a key opened it: that of start-up, or one that was given. The other fields are only there if so. */
  readonly opened: boolean
  /** Who sent it, or that it is of start-up. */
  readonly mode?: 'initiator' | 'responder' | 'startup'
  /** Its session sequence number (RFC 7425 §4.7.3.3), where there are such. */
  readonly number?: number
  /** Whether that number came before; it is passed over by its receiver. */
  readonly copy?: boolean
  /** Ticks of the sender's clock, 4 ms each, modulo 65,536. */
  readonly timestamp?: number
  /** The same of the receiver's clock, as the sender knows it. */
  readonly timestampEcho?: number
  /** Whether it has time critical data. */
  readonly timeCritical?: boolean
  /** Whether its sender receives time critical data in another session. */
  readonly timeCriticalReverse?: boolean
}

/** One chunk of a packet of RTMFP (RFC 7016 §2.3). */
export interface RtmfpChunkRecord extends Place {
  readonly kind: 'rtmfp-chunk'
  /** Its type, 0 to 255. */
  readonly typeId: number
  /** Name of its type; `Chunk4d` and the like for those that are passed over. */
  readonly type: string
  /** Bytes that it has. */
  readonly length: number
  /** Whether its packet is of start-up. */
  readonly startup: boolean
  /** What it says, by type; empty if it can not be read. */
  readonly body: { readonly [key: string]: PlainValue }
}

/** Messages of a flow of RTMFP were given up by their sender, or are not in the capture. */
export interface GapRecord extends Place {
  readonly kind: 'gap'
  /** The flow. */
  readonly flowId: number
  /** NetStream of its messages; 0 is the NetConnection. */
  readonly messageStreamId: number
}

/** Something a peer, or the capture, has wrong. */
export interface ComplaintRecord extends Place {
  readonly kind: 'complaint'
  /** What is wrong, for programs. */
  readonly code: ComplaintCode
  /** The same in words. */
  readonly text: string
  /** True if nothing after it can be read of what this sender sent. */
  readonly fatal: boolean
}

/** One direction of a connection is over, or the capture is. `offset` says where. */
export interface EndRecord extends Place {
  readonly kind: 'end'
  /** How many this sender sent, as far as they are whole. */
  readonly messages: number
  /** What the bytes ended in the middle of; null between two messages. */
  readonly inside: 'handshake' | 'message' | 'lost' | null
  /** Packets of RTMFP. */
  readonly packets?: number
  /** How many of them no key opened. */
  readonly unopened?: number
}

/** The capture file is over. */
export interface CaptureEndRecord {
  readonly kind: 'capture-end'
  /** Bytes of the file up to the end of its last packet. */
  readonly position: number
  /** How many were RTMP. */
  readonly connections: number
  /** What the file ended in the middle of. */
  readonly inside: 'packet' | 'lost' | null
}

/** What a dump is made of. */
export type DumpRecord =
  | ConnectionRecord
  | HandshakeRecord
  | ChunkRecord
  | MessageRecord
  | PacketRecord
  | RtmfpChunkRecord
  | GapRecord
  | ComplaintRecord
  | EndRecord
  | CaptureEndRecord

/** Kinds of messages, as users choose them. */
export const messageGroups = [
  'control',
  'audio',
  'video',
  'data',
  'shared-object',
  'command',
  'aggregate',
  'unknown',
] as const
/** A kind of messages, as `--type` names it. */
export type MessageGroup = (typeof messageGroups)[number]
