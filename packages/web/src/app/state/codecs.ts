import type { StreamReport } from '@rtmpipe/http'
import { codecName } from '../format.ts'

/** `1920 × 1080 · 30`, or nothing when no picture is known. */
export function picture({ codecs }: StreamReport): string | undefined {
  const video = codecs.find(({ kind }) => kind === 'video')
  if (video?.width === undefined || video.height === undefined) return undefined
  const rate = video.frameRate === undefined ? '' : ` · ${Math.round(video.frameRate * 100) / 100}`
  return `${video.width}\u2009×\u2009${video.height}${rate}`
}

/** `H.264 + AAC`. */
export function codecNames({ codecs }: StreamReport): string {
  return codecs.map(({ codec }) => codecName(codec)).join(' + ')
}
