import type { HTMLAttributes } from 'preact'

declare module 'preact' {
  namespace JSX {
    interface IntrinsicElements {
      /** Of `/rtmpipe/elements.js`. */
      'rtmpipe-player': HTMLAttributes<HTMLElement> & {
        readonly src: string
        readonly autoplay?: boolean
        readonly muted?: boolean
        readonly controls?: boolean
      }
      'rtmpipe-publisher': HTMLAttributes<HTMLElement> & { readonly src: string }
    }
  }
}
