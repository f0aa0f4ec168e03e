import type { connect } from '../browser/index.ts'

/** What these pages use of `/rtmpipe/web.js` of the same server: it is no part of their own script. */
export interface Library {
  readonly connect: typeof connect
}

const [library, elements] = ['/rtmpipe/web.js', '/rtmpipe/elements.js']

/** Loads the client. */
export async function loadLibrary(): Promise<Library> {
  return (await import(/* @vite-ignore */ library as string)) as Library
}

/** Defines `<rtmpipe-player>` and `<rtmpipe-publisher>`. */
export async function defineElements(): Promise<void> {
  await import(/* @vite-ignore */ elements as string)
}
