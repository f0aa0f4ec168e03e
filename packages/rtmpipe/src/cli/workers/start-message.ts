import { isConfigureMessage, isConfigureRequest, isConfigureResult } from './configure-message.ts'

/** What a worker tells the primary about its start. */
export type StartMessage =
  | { readonly type: 'listening'; readonly urls: string[] }
  | { readonly type: 'failed'; readonly message: string; readonly isUsage: boolean }

/** What a worker must know of its place. */
export interface WorkerEnvironment {
  /** Counts from 0 and is taken over by its successor. */
  readonly slot: number
  /** Path of its Unix socket, which nobody else may reach. */
  readonly socket: string
}

export function workerEnvironment(env: NodeJS.ProcessEnv): WorkerEnvironment {
  return { slot: Number(env['RTMPIPE_WORKER_SLOT']), socket: env['RTMPIPE_WORKER_SOCKET'] ?? '' }
}

export function environmentOf({ slot, socket }: WorkerEnvironment): Record<string, string> {
  return { RTMPIPE_WORKER_SLOT: String(slot), RTMPIPE_WORKER_SOCKET: socket }
}

export function isStartMessage(message: unknown): message is StartMessage {
  const type = typeOf(message)
  return type === 'listening' || type === 'failed'
}

/** The rest of what goes over the line is the directory's. */
export function isDirectoryMessage(message: unknown): boolean {
  const isOther = [isStartMessage, isConfigureMessage, isConfigureRequest, isConfigureResult].some(is => is(message))
  return typeOf(message) !== undefined && !isOther
}

function typeOf(message: unknown): unknown {
  return (message as Partial<StartMessage> | null | undefined)?.type
}
