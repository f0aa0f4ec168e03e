import { type MessageGroup, messageGroups } from '../dump/record.ts'
import { CliError } from './cli-error.ts'

export interface DumpCommandOptions {
  readonly json?: boolean
  readonly chunks?: boolean
  readonly hex?: string
  readonly type?: string
  readonly limit?: string
  readonly showNames?: boolean
  readonly handshake?: boolean
}

/** The groups of `--type`, or undefined for all. @throws CliError for an unknown one */
export function groupsOf(value: string | undefined): ReadonlySet<MessageGroup> | undefined {
  if (value === undefined) return undefined
  const groups = value.split(',').map(text => {
    const group = messageGroups.find(name => name === text.trim())
    if (group === undefined) throw new CliError(`--type ${value}: expected some of ${messageGroups.join(',')}`)
    return group
  })
  return new Set(groups)
}

/** @throws CliError unless it is a whole number from `least` */
export function countOf(option: string, value: string, least: number): number {
  const count = Number(value)
  if (/^\d+$/.test(value) && Number.isSafeInteger(count) && count >= least) return count
  throw new CliError(`${option} ${value}: expected a whole number from ${least}`)
}
