import type { JSX } from 'preact'

/** Strokes on a square of 16. */
const paths = {
  streams: 'M2 11V5M5 13V3M8 10V6M11 13V3M14 11V5',
  viewers: 'M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8ZM8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z',
  outputs: 'M6 4H3v9h9v-3M9 2.5h4.5V7M13 3 7.5 8.5',
  refusals: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM3.8 3.8l8.4 8.4',
  timeline: 'M2 4h6M5 8h8M3 12h5M2 2v12',
  server: 'M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.01M5 11h.01',
  close: 'M4 4l8 8M12 4l-8 8',
  copy: 'M5.5 5.5h7v8h-7zM3.5 10.5v-8h7',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM10.5 10.5 14 14',
  sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M12.6 3.4l-.7.7M4.1 11.9l-.7.7',
  moon: 'M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5Z',
  auto: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 2v12M8 5h3M8 8h4.5M8 11h3.5',
  leave: 'M6 2.5H3v11h3M6.5 8H14M11 5l3 3-3 3',
  record: 'M8 13A5 5 0 1 0 8 3a5 5 0 0 0 0 10Z',
  stop: 'M4.5 4.5h7v7h-7z',
} as const
export type IconName = keyof typeof paths

/** A picture beside a text; readers of the screen skip it. */
export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  )
}
