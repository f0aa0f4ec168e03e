import type { ComplaintCode } from './complaint-code.ts'
import type { PlainValue } from './plain-value.ts'

/** Who sent something; null as long as one direction alone does not tell. */
export type Sender = 'client' | 'server' | null

/** Where in a capture something stands. */
export interface Place {
  /** Number of the connection, from 1; 0 in complaints about the capture file itself, whose offsets are the file's. */
  readonly connection: number
  readonly from: Sender
  /** Bytes this sender sent before it; C0 and S0 are at 0. */
  readonly offset: number
  /** Seconds since the first packet of the capture; only where the capture says. */
  readonly capturedAt?: number
}

/** A connection begins. Addresses are known from captured packets only. */
export interface ConnectionRecord {
  readonly kind: 'connection'
  readonly connection: number
  readonly client?: string
  readonly server?: string
  readonly capturedAt?: number
}

/** C0 C1 C2, or S0 S1 S2. */
export interface HandshakeRecord extends Place {
  readonly kind: 'handshake'
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
  readonly chunkStreamId: number
  readonly format: number
  readonly headerLength: number
  readonly extendedTimestamp: boolean
  readonly timestamp: number
  readonly messageLength: number
  readonly messageTypeId: number
  readonly messageStreamId: number
  readonly messageOffset: number
  readonly payloadLength: number
}

/** One message, told when it is complete; its place is that of its first chunk. */
export interface MessageRecord extends Place {
  readonly kind: 'message'
  readonly timestamp: number
  readonly chunkStreamId: number
  readonly messageTypeId: number
  readonly messageStreamId: number
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
  readonly code: ComplaintCode
  readonly text: string
  /** True if nothing after it can be read of what this sender sent. */
  readonly fatal: boolean
}

/** One direction of a connection is over, or the capture is. `offset` says where. */
export interface EndRecord extends Place {
  readonly kind: 'end'
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
export type MessageGroup = (typeof messageGroups)[number]
