import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Complain } from '../complain.ts'
import type { Names } from '../names.ts'
import { plainValues } from '../plain-value.ts'
import { amfValues } from './amf-values.ts'
import { type Body, unreadable } from './body.ts'

/** A data message (RTMP 1.0 §7.1.2). */
export function readData(message: RtmpMessage, names: Names, complain: Complain): Body {
  const values = amfValues(message, complain)
  const text = (value: string) => names.text(value)
  return values === undefined ? unreadable : { values: plainValues(values, text, text) }
}
