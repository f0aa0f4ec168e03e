import { type Host, LiveStreams, type ServerView, silentLogger } from '@rtmpipe/session'

const none = { audio: 0, video: 0, data: 0 }

/** A host of a server in which nothing goes on. */
export function quietHost(more: Partial<Host> & { readonly server?: ServerView } = {}): Host {
  return {
    log: silentLogger,
    server: quietServer(),
    signal: new AbortController().signal,
    offer() {},
    view: () => Promise.reject(new Error('there is nothing to watch')),
    ...more,
  }
}

export function quietServer(more: Partial<ServerView> = {}): ServerView {
  return {
    connections: new Set(),
    streams: new LiveStreams(),
    players: new Set(),
    traffic: new Map(),
    dropped: { lag: none, keyframe: none },
    isDraining: false,
    abilities: { record: undefined, relay: undefined, openFile: undefined },
    mayPlay: async () => false,
    ...more,
  }
}
