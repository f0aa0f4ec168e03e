/** What `/rtmpipe/web.js` of the same server exports: it is no part of these pages' own script. */
export type Library = typeof import('../browser/index.ts')

const [library, elements] = ['/rtmpipe/web.js', '/rtmpipe/elements.js']

/** Loads the client. */
export async function loadLibrary(): Promise<Library> {
  return (await import(/* @vite-ignore */ library as string)) as Library
}

/** Defines `<rtmpipe-player>` and `<rtmpipe-publisher>`. */
export async function defineElements(): Promise<void> {
  await import(/* @vite-ignore */ elements as string)
}
