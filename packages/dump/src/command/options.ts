import { type MessageGroup, messageGroups } from '../record.ts'
import { DumpError } from './dump-error.ts'

/** Options of `rtmpipe-dump`, as the command line gives them. */
export interface DumpCommandOptions {
  /** Prints a JSON object per line. */
  readonly json?: boolean
  /** Prints chunk headers too. */
  readonly chunks?: boolean
  /** How many of the first bytes of each body to print in hex. */
  readonly hex?: string
  /** Prints messages of these groups alone, separated by commas. */
  readonly type?: string
  /** Ends after so many messages. */
  readonly limit?: string
  /** Prints names and keys of streams as they are. */
  readonly showNames?: boolean
  /** File with the keys of RTMFP sessions. */
  readonly rtmfpKeys?: string
  /** False where the capture begins after the handshake. */
  readonly handshake?: boolean
}

/** The groups of `--type`, or undefined for all. @throws DumpError for an unknown one */
export function groupsOf(value: string | undefined): ReadonlySet<MessageGroup> | undefined {
  if (value === undefined) return undefined
  const groups = value.split(',').map(text => {
    const group = messageGroups.find(name => name === text.trim())
    if (group === undefined) throw new DumpError(`--type ${value}: expected some of ${messageGroups.join(',')}`)
    return group
  })
  return new Set(groups)
}

/** @throws DumpError unless it is a whole number from `least` */
export function countOf(option: string, value: string, least: number): number {
  const count = Number(value)
  if (/^\d+$/.test(value) && Number.isSafeInteger(count) && count >= least) return count
  throw new DumpError(`${option} ${value}: expected a whole number from ${least}`)
}
