import { type ApiClient, apiClient } from '@rtmpipe/http/client'
import { expire, session } from './session.ts'

/** Everything that the dashboard asks for and does, beside following events. */
export const api: ApiClient = apiClient({
  headers: () => ({ 'X-CSRF-Token': session.value?.csrf ?? '' }),
  async fetch(input, init) {
    const answer = await fetch(input, { ...init, cache: 'no-store' })
    if (answer.status === 401) expire()
    return answer
  },
})
