import { CliError } from '../serve/cli-error.ts'

const seconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }

/** Seconds of a text like `90s`, `15m`, `1h`, `7d`; a number alone is seconds. @throws CliError */
export function durationOf(option: string, value: string): number {
  const [, number = '', unit = ''] = /^(\d{1,9})([smhd]?)$/.exec(value) ?? []
  const duration = Number(number) * (seconds[unit] ?? 1)
  if (duration === 0) throw new CliError(`--${option} ${value}: expected a time like 90s, 15m, 1h or 7d`)
  return duration
}
