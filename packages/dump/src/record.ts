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
  /** Bytes this sender sent before it; C0 and S0 are at 0. */
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
  /** Chunk stream it came on. */
  readonly chunkStreamId: number
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
