import { harmless } from '@rtmpipe/net'

/** Text of a stranger in quotes, with nothing in it that a terminal would act on. */
export function quoted(text: string): string {
  return harmless(JSON.stringify(text))
}

/** The same without quotes. */
export function printable(text: string): string {
  return quoted(text).slice(1, -1).replaceAll('\\"', '"')
}
