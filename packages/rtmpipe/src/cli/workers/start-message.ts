/** What a worker tells the primary about its start. */
export type StartMessage =
  | { readonly type: 'listening'; readonly urls: string[] }
  | { readonly type: 'failed'; readonly message: string; readonly isUsage: boolean }

/** What a worker must know of its place: its slot counts from 0 and is taken over by its successor. */
export interface WorkerEnvironment {
  readonly slot: number
  /** Folder of the Unix sockets, which nobody else may enter. */
  readonly folder: string
}

export function workerEnvironment(env: NodeJS.ProcessEnv): WorkerEnvironment {
  return { slot: Number(env['RTMPIPE_WORKER_SLOT']), folder: env['RTMPIPE_WORKER_FOLDER'] ?? '' }
}

export function environmentOf({ slot, folder }: WorkerEnvironment): Record<string, string> {
  return { RTMPIPE_WORKER_SLOT: String(slot), RTMPIPE_WORKER_FOLDER: folder }
}

export function isStartMessage(message: unknown): message is StartMessage {
  const { type } = message as Partial<StartMessage>
  return type === 'listening' || type === 'failed'
}

/** The rest of what goes over the line is the directory's. */
export function isDirectoryMessage(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'type' in message && !isStartMessage(message)
}
