import type { CallbackFormat } from '../callback-format.ts'
import type { HttpCallbackOptions } from '../callback-options.ts'
import { mediamtxFormat } from './mediamtx.ts'
import { nginxRtmpFormat } from './nginx-rtmp.ts'
import { rtmpipeFormat } from './rtmpipe.ts'
import { srsFormat } from './srs.ts'

/** The formats by name. */
export const formats: Readonly<Record<NonNullable<HttpCallbackOptions['format']>, CallbackFormat>> = {
  rtmpipe: rtmpipeFormat,
  'nginx-rtmp': nginxRtmpFormat,
  srs: srsFormat,
  mediamtx: mediamtxFormat,
}
