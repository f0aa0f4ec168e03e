import { readConfigFile } from '../../config/config-file.ts'
import type { ServeConfig } from '../../config/config.ts'

/** What the primary tells a worker: when it asks, and when something has changed. */
export interface ConfigureMessage {
  readonly type: 'configure'
  /** Without plugins of the user's own, which are code. */
  readonly config: ServeConfig
  /** The file that has them, if there are any. */
  readonly pluginsFrom: string | undefined
}

/** A worker that is there to be told asks for it. */
export interface ConfigureRequest {
  readonly type: 'configure?'
}

/** A worker that runs has taken a configuration over, or has not and has said why. */
export interface ConfigureResult {
  readonly type: 'configured'
  /** Why it has not. */
  readonly problem?: string
}

export function configureMessage(config: ServeConfig, file: string | undefined): ConfigureMessage {
  const { plugins, ...data } = config
  return { type: 'configure', config: data, pluginsFrom: plugins === undefined ? undefined : file }
}

export function isConfigureMessage(message: unknown): message is ConfigureMessage {
  return (message as Partial<ConfigureMessage> | null | undefined)?.type === 'configure'
}

export function isConfigureRequest(message: unknown): message is ConfigureRequest {
  return (message as Partial<ConfigureRequest> | null | undefined)?.type === 'configure?'
}

export function isConfigureResult(message: unknown): message is ConfigureResult {
  return (message as Partial<ConfigureResult> | null | undefined)?.type === 'configured'
}

/** The configuration with its plugins. @throws ConfigError when the file can't be read any more */
export async function configOf({ config, pluginsFrom }: ConfigureMessage): Promise<ServeConfig> {
  if (pluginsFrom === undefined) return config
  const { plugins } = await readConfigFile(pluginsFrom)
  return { ...config, plugins }
}
