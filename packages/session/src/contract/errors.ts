import type { AmfObject } from '@rtmpipe/amf'
import { RtmpError } from '@rtmpipe/chunk-stream'

/**
 * A plugin threw, overran its deadline or gave a wrong answer. This is a bug of the plugin; the client is told of a
 * failure.
 */
export class PluginError extends RtmpError {
  override readonly name: string = 'PluginError'
  /** Name of the plugin. */
  readonly plugin: string
  /** Name of the hook. */
  readonly hook: string

  constructor(plugin: string, hook: string, message: string, options?: ErrorOptions) {
    super('RTMP_ERR_PLUGIN', `plugin ${plugin}, ${hook}: ${message}`, options)
    this.plugin = plugin
    this.hook = hook
  }
}

/** The peer answered our command with `_error` or an error status. */
export class StatusError extends RtmpError {
  override readonly name: string = 'StatusError'
  /** `code` of the information object, for example `NetStream.Publish.Denied`. */
  readonly statusCode: string
  /** `description` of the information object. */
  readonly description: string
  /** The whole information object, with what else the peer says there: `ex.redirect` of a redirect. Untrusted. */
  readonly info: AmfObject

  /** @param info default: level, code and description */
  constructor(statusCode: string, description: string, info?: AmfObject) {
    super('RTMP_ERR_STATUS', description === '' ? statusCode : `${statusCode}: ${description}`)
    this.statusCode = statusCode
    this.description = description
    this.info = info ?? { level: 'error', code: statusCode, description }
  }
}
