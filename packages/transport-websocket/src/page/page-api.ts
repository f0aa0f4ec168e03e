/** What of a page's WebSocket is used; Node's types of it need not be there. */
export interface PageWebSocket {
  readonly OPEN: number
  readonly readyState: number
  readonly bufferedAmount: number
  readonly protocol: string
  binaryType: string
  onopen: (() => void) | null
  onmessage: ((event: { readonly data: unknown }) => void) | null
  onclose: ((event: { readonly code: number; readonly wasClean: boolean }) => void) | null
  send(bytes: Uint8Array): void
  close(code?: number): void
}

/** A WebSocket of streams, which only browsers of Chromium's family have so far: it waits for who does not read. */
export interface PageWebSocketStream {
  readonly opened: Promise<{
    readonly protocol: string
    readonly readable: ReadableStream<unknown>
    readonly writable: WritableStream<Uint8Array>
  }>
  /** Rejects when it ends without a goodbye. */
  readonly closed: Promise<{ readonly closeCode?: number }>
  close(info?: { readonly closeCode?: number }): void
}

/** The page, as far as it is of use here. */
export interface Page {
  readonly WebSocket?: new (url: string, protocols: readonly string[]) => PageWebSocket
  readonly WebSocketStream?: new (
    url: string,
    options: { readonly protocols: readonly string[]; readonly signal?: AbortSignal },
  ) => PageWebSocketStream
}
