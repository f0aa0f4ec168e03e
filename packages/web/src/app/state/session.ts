import { type Signal, signal } from '@preact/signals'
import type { Role } from '@rtmpipe/http'

/** Who we are to the server. */
export interface Session {
  readonly role: Role
  /** Goes with everything that changes something. */
  readonly csrf: string
}

/** Undefined while we ask; null when we have to sign in. */
export const session: Signal<Session | null | undefined> = signal(undefined)
/** True after a session has ended by itself. */
export const hasExpired: Signal<boolean> = signal(false)

export type LoginFault = 'wrongToken' | 'tooManyTries' | 'notReached'

/** Asks whether the cookie still holds. @returns false when the server can't be reached */
export async function askSession(): Promise<boolean> {
  try {
    const answer = await fetch('/admin/session', { cache: 'no-store' })
    if (answer.ok) session.value = (await answer.json()) as Session
    else if (answer.status === 401) expire()
    else return false
    return true
  } catch {
    return false
  }
}

/** The server knows us no more. */
export function expire(): void {
  if (session.value) hasExpired.value = true
  session.value = null
}

/** @returns what went wrong */
export async function signIn(token: string): Promise<LoginFault | undefined> {
  try {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch('/admin/login', { method: 'POST', headers, body: JSON.stringify({ token }) })
    if (answer.status === 429) return 'tooManyTries'
    if (answer.status >= 500) return 'notReached'
    if (!answer.ok) return 'wrongToken'
    hasExpired.value = false
    return (await askSession()) ? undefined : 'notReached'
  } catch {
    return 'notReached'
  }
}

export async function signOut(): Promise<void> {
  try {
    await fetch('/admin/logout', { method: 'POST', headers: { 'x-csrf-token': session.value?.csrf ?? '' } })
  } catch {
    // The cookie then ends with the browser.
  }
  session.value = null
  hasExpired.value = false
}
