import type { JSX } from 'preact'

/** The sign of rtmpipe. */
export function Mark(): JSX.Element {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M8 21v-5a8 8 0 0 1 8-8h8M8 26v-.1M16 24v-4a4 4 0 0 1 4-4h4" />
    </svg>
  )
}
