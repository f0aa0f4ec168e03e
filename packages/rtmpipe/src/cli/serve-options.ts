import { CliError } from './cli-error.ts'

/** Options of `rtmpipe serve`, as the command line gives them. */
export interface ServeOptions {
  readonly host: string
  readonly rtmp: string
  readonly rtmps: string
  readonly rtmpt: string
  readonly rtmpts: string
  readonly mergeWindow: string
  readonly cert?: string
  readonly key?: string
  readonly workers: string
  readonly publishKey?: readonly string[]
  readonly push?: readonly string[]
  readonly record?: string
  readonly recordFormat: string
  readonly vod?: string
  readonly data: string
  readonly logLevel: string
}

/** A port, or undefined for `off`. @throws CliError */
export function portOf(option: string, value: string): number | undefined {
  if (value === 'off') return undefined
  const port = Number(value)
  if (!/^\d+$/.test(value) || port > 65_535)
    throw new CliError(`--${option} ${value}: expected a port from 0 to 65535, or off`)
  return port
}

/** A whole number. @throws CliError */
export function numberOf(option: string, value: string, min: number, max: number): number {
  const number = Number(value)
  if (!/^\d+$/.test(value) || number < min || number > max) {
    throw new CliError(`--${option} ${value}: expected a number from ${min} to ${max}`)
  }
  return number
}
