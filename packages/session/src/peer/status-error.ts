import type { AmfObject } from '@rtmpipe/amf'
import { StatusError } from '../contract/errors.ts'
import { stringOf } from '../protocol/command.ts'

/** The error that an information object of the peer stands for. @param otherwise code of one that has none */
export function statusError(info: AmfObject, otherwise = ''): StatusError {
  return new StatusError(stringOf(info['code']) || otherwise, stringOf(info['description']), info)
}
