import { language } from './texts/index.ts'

/** A thin space between number and unit; nothing breaks there. */
const gap = '\u202f'
const formats = new Map<string, Intl.NumberFormat>()

function number(value: number, digits: number): string {
  const key = `${language.value}${digits}`
  let format = formats.get(key)
  if (format === undefined) {
    format = new Intl.NumberFormat(language.value, { minimumFractionDigits: digits, maximumFractionDigits: digits })
    formats.set(key, format)
  }
  return format.format(value)
}

/** Three significant figures at most: 9.99, 99.9, 999. */
function short(value: number): string {
  return number(value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0)
}

function scaled(value: number, base: number, units: readonly string[]): string {
  let at = 0
  let rest = Math.abs(value)
  while (rest >= base && at < units.length - 1) {
    rest /= base
    at++
  }
  return `${value < 0 ? '−' : ''}${at === 0 ? number(rest, 0) : short(rest)}${gap}${units[at]}`
}

export function count(value: number): string {
  return number(value, 0)
}

export function bits(perSecond: number): string {
  return scaled(perSecond, 1000, ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s'])
}

export function bytes(value: number): string {
  return scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB'])
}

export function percent(share: number): string {
  return `${number(share * 100, share > 0 && share < 0.0995 ? 1 : 0)}${gap}%`
}

/** Milliseconds as ms, or as seconds from one on. */
export function span(milliseconds: number): string {
  const size = Math.abs(milliseconds)
  if (size < 999.5) return `${number(milliseconds, size < 9.95 && size >= 0.05 ? 1 : 0)}${gap}ms`
  return `${number(milliseconds / 1000, size < 99_950 ? 1 : 0)}${gap}s`
}

export function signed(milliseconds: number): string {
  if (Math.abs(milliseconds) < 0.5) return `0${gap}ms`
  return milliseconds > 0 ? `+${span(milliseconds)}` : span(milliseconds).replace('-', '−')
}

/** How long ago, as 4:05 or 12:04:05 or 3 d 04:05. */
export function since(time: string | undefined, now: number): string {
  if (time === undefined) return '–'
  const seconds = Math.max(0, Math.floor((now - Date.parse(time)) / 1000))
  const two = (value: number): string => String(value).padStart(2, '0')
  const [days, hours, minutes] = [seconds / 86_400, (seconds / 3600) % 24, (seconds / 60) % 60].map(Math.floor)
  if (days! > 0) return `${days}${gap}d ${two(hours!)}:${two(minutes!)}`
  if (hours! > 0) return `${hours}:${two(minutes!)}:${two(seconds % 60)}`
  return `${minutes}:${two(seconds % 60)}`
}

/** The time of day, and the date when it is not today's. */
export function clock(time: string): string {
  const at = new Date(time)
  const isToday = at.toDateString() === new Date().toDateString()
  const day = isToday ? ({} as const) : ({ month: '2-digit', day: '2-digit' } as const)
  return at.toLocaleString(language.value, {
    ...day,
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  })
}

/** Names that people know for what the streams say. */
const codecNames: Readonly<Record<string, string>> = {
  avc1: 'H.264',
  hvc1: 'HEVC',
  vvc1: 'VVC',
  av01: 'AV1',
  vp08: 'VP8',
  vp09: 'VP9',
  mp4a: 'AAC',
  opus: 'Opus',
  flac: 'FLAC',
  fLaC: 'FLAC',
  Opus: 'Opus',
  '.mp3': 'MP3',
  'ac-3': 'AC-3',
  'ec-3': 'E-AC-3',
}

export function codecName(codec: string): string {
  return Object.hasOwn(codecNames, codec) ? codecNames[codec]! : codec
}
