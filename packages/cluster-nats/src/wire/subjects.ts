import { parseEpoch } from './epoch.ts'
import { sidLength } from './sid.ts'

const token = /^[\w-]{1,64}$/
const replies = 'rt1.r.'
const plain = /^[!-~]+$/

/** Which subject is for what. `rt1` is the version of what is said on them. */
export const subjects = {
  /** Origin to edges: frames of a publish. */
  media: (sid: string, epoch: number): string => `rt1.m.${sid}.${epoch}`,
  /** {@link subjects.media} of whatever epoch. */
  allMedia: (sid: string): string => `rt1.m.${sid}.*`,
  /** Origin to edges that join: snapshots for several of them. */
  snapshots: (sid: string, epoch: number): string => `rt1.g.${sid}.${epoch}`,
  /** {@link subjects.snapshots} of whatever epoch. */
  allSnapshots: (sid: string): string => `rt1.g.${sid}.*`,
  /** Edge asks origin: join, renew, leave. */
  joins: (sid: string): string => `rt1.j.${sid}`,
  /** New owner to edges and the old one: which epoch it is now. */
  epochs: (sid: string): string => `rt1.e.${sid}`,
  /** Node asks node. */
  node: (node: string): string => `rt1.n.${node}`,
  /** Whoever has a name, of one process of one machine, is asked what is no stream's. */
  questions: (name: string): string => `rt1.n.${name}.q`,
  /** Under which a node gets answers, each on a subject of one or more further tokens. */
  replies: (node: string): string => `${replies}${node}`,
} as const

/** The buckets of {@link Stores}. */
export const buckets = { streams: 'rt1_streams', nodes: 'rt1_nodes' } as const

/** The epoch that a subject of media or snapshots ends with; undefined when it ends with none. */
export function epochIn(subject: string): number | undefined {
  return parseEpoch(subject.slice(subject.lastIndexOf('.') + 1))
}

/** Whether it can be one: 22 characters, neither `.` nor wildcards among them. */
export function isSid(text: unknown): text is string {
  return typeof text === 'string' && text.length === sidLength && token.test(text)
}

/** Whether it can be the id of a node or of a join: up to 64 letters, digits, `_` and `-`. */
export function isId(text: unknown): text is string {
  return typeof text === 'string' && token.test(text)
}

/** Whether a node may ask for answers there: nobody is to have media sent to a subject that is for something else. */
export function isReply(subject: string | undefined): subject is string {
  return subject !== undefined && subject.length <= 256 && subject.startsWith(replies) && plain.test(subject)
}
