import { readConfigFile } from '../../config/config-file.ts'
import { form } from '../../sections/form.ts'
import type { ServeConfig } from '../../sections/index.ts'
import { workerVariables } from '../../sections/server.ts'

/** What the primary tells a worker: when it asks, and when something has changed. */
export interface ConfigureMessage {
  readonly type: 'configure'
  /** Without plugins of the user's own, which are code. */
  readonly config: ServeConfig
  /** The file that has them, if there are any. */
  readonly pluginsFrom: string | undefined
  /** Signs the challenges of logins; the same for all workers as long as the primary lives. */
  readonly secret: string
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

export function configureMessage(config: ServeConfig, file: string | undefined, secret: string): ConfigureMessage {
  const { plugins, ...data } = config
  return { type: 'configure', config: data, pluginsFrom: plugins === undefined ? undefined : file, secret }
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
  const { code } = await readConfigFile(pluginsFrom, form)
  return { ...config, ...code }
}

/** What a worker tells the primary about its start. */
export type StartMessage =
  | { readonly type: 'listening'; readonly urls: string[] }
  | { readonly type: 'failed'; readonly message: string; readonly isUsage: boolean }

/** A worker's event loop turns; said again and again where systemd waits for it. */
export interface AliveMessage {
  readonly type: 'alive'
}

export function isAliveMessage(message: unknown): message is AliveMessage {
  return typeOf(message) === 'alive'
}

/** What a worker must know of its place. */
export interface WorkerEnvironment {
  /** Counts from 0 and is taken over by its successor. */
  readonly slot: number
  /** Path of its Unix socket, which nobody else may reach. */
  readonly socket: string
}

export function workerEnvironment(env: NodeJS.ProcessEnv): WorkerEnvironment {
  return { slot: Number(env[workerVariables.slot]), socket: env[workerVariables.socket] ?? '' }
}

export function environmentOf({ slot, socket }: WorkerEnvironment): Record<string, string> {
  return { [workerVariables.slot]: String(slot), [workerVariables.socket]: socket }
}

export function isStartMessage(message: unknown): message is StartMessage {
  const type = typeOf(message)
  return type === 'listening' || type === 'failed'
}

/** What a worker asks of the primary's ledger. */
export type LedgerQuestion =
  /** Marks a challenge as answered, of which `max` are remembered. */
  | { readonly type: 'spend'; readonly id: string; readonly end: number; readonly max: number }
  /** Counts one more in a group, unless there are `limit` already. */
  | { readonly type: 'enter'; readonly group: string; readonly limit: number }

/** What a worker sends to it: questions that are answered, and that one that entered has left. */
export type LedgerRequest =
  | (LedgerQuestion & { readonly request: number })
  | { readonly type: 'leave'; readonly group: string }

/** Its answer to a question. */
export interface LedgerAnswer {
  readonly type: 'answered'
  readonly request: number
  readonly isYes: boolean
}

export function isLedgerRequest(message: unknown): message is LedgerRequest {
  const type = typeOf(message)
  return type === 'spend' || type === 'enter' || type === 'leave'
}

export function isLedgerAnswer(message: unknown): message is LedgerAnswer {
  return typeOf(message) === 'answered'
}

/** What workers say to each other, through the primary. */
export type ColleagueMessage =
  | {
      readonly type: 'ask'
      readonly request: number
      readonly topic: string
      readonly whom: 'others' | 'primary'
      readonly question: unknown
    }
  /** Of one worker; without `answer` it has none. */
  | { readonly type: 'answer'; readonly request: number; readonly answer?: unknown }
  /** Of all that were asked. */
  | { readonly type: 'answers'; readonly request: number; readonly answers: readonly unknown[] }
  /** For the first worker. */
  | { readonly type: 'news'; readonly topic: string; readonly news: unknown }

export function isColleagueMessage(message: unknown): message is ColleagueMessage {
  const type = typeOf(message)
  return type === 'ask' || type === 'answer' || type === 'answers' || type === 'news'
}

/** A worker that ends takes nobody new any more. */
export interface PortsClosed {
  readonly type: 'ports closed'
}

/** The answer to it, when it may send its clients away. */
export interface AllPortsClosed {
  readonly type: 'all ports closed'
}

export function isPortsClosed(message: unknown): message is PortsClosed {
  return typeOf(message) === 'ports closed'
}

export function isAllPortsClosed(message: unknown): message is AllPortsClosed {
  return typeOf(message) === 'all ports closed'
}

const others = [
  isStartMessage,
  isAliveMessage,
  isConfigureMessage,
  isConfigureRequest,
  isConfigureResult,
  isLedgerRequest,
  isLedgerAnswer,
  isColleagueMessage,
  isPortsClosed,
  isAllPortsClosed,
]

/** The rest of what goes over the line is the directory's. */
export function isDirectoryMessage(message: unknown): boolean {
  return typeOf(message) !== undefined && !others.some(is => is(message))
}

function typeOf(message: unknown): unknown {
  return (message as Partial<StartMessage> | null | undefined)?.type
}
