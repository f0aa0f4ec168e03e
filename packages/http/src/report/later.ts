import type { PlayInfo, ServerView, StreamRecording, StreamView } from '@rtmpipe/session'

export interface StreamRelay {
  readonly by: string
  readonly direction: 'push' | 'pull'
  readonly url: string
  readonly state: 'connecting' | 'running' | 'waiting'
  readonly stateSince: Date
  readonly bytes: number
  readonly attempts: number
  readonly lastError?: string | undefined
  end(): void
  change?(url: string): void
}
export type LaterStream = StreamView & { readonly relays?: ReadonlySet<StreamRelay>; readonly sent?: number; readonly timing?: { readonly gop?: { readonly duration: number; readonly pictures: number }; readonly drift?: number; readonly gaps: number; readonly lastGap?: Date } }
export type LaterPlay = PlayInfo & { readonly id?: string }
export type LaterServer = ServerView & {
  readonly isDraining?: boolean
  readonly traffic?: ReadonlyMap<string, { accepted: number; received: number; sent: number }>
  readonly abilities?: {
    readonly record?: (stream: StreamView) => StreamRecording | Promise<StreamRecording>
    readonly relay?: (stream: StreamView, url: string) => StreamRelay | Promise<StreamRelay>
  }
}
export interface RefusalEvent {
  readonly what: 'connect' | 'publish' | 'play' | 'play2' | 'shared object'
  readonly connection: import('@rtmpipe/session').ConnectionInfo | undefined
  readonly remote: { readonly address: string; readonly port: number }
  readonly transport: string
  readonly app: string
  readonly streamName?: string
  readonly sharedObject?: string
  readonly plugin?: string
  readonly code: string
  readonly reason: string
}
