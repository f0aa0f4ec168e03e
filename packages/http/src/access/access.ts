import type { onRequestAsyncHookHandler } from 'fastify'

/** `view` reads everything; `operate` may also end, start and change. */
export type Role = 'view' | 'operate'

/** Who may see and do what. */
export interface Access {
  /**
   * A hook for `onRequest` of a route or a scope that lets in who has the role: by `Authorization: Bearer TOKEN`, or by the
   * session cookie of the dashboard, which for anything but GET and HEAD needs the header `X-CSRF-Token` as well. Answers
   * 401, 403 or 429 as problem documents.
   */
  requires(role: Role): onRequestAsyncHookHandler
}
