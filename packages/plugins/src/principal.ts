import { type Context, PRINCIPAL, type Principal } from '@rtmpipe/session'

/** Two principals are the same if the same plugin says the same of them. */
export function isSamePrincipal(one: Principal, other: Principal): boolean {
  return one.id === other.id && one.by === other.by
}

/** Notes who it is that `by` lets in. */
export function identify(context: Context, id: string, by: string): void {
  context.set(PRINCIPAL, { id, by })
}
