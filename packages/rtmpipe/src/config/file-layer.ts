import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import type { FilePlaces } from './file-places.ts'
import type { Layer } from './layer.ts'
import { type Path, pathText, type Settings } from './path.ts'
import { type Problem, shownValue } from './problem.ts'

/** Settings of a configuration file. */
export class FileLayer implements Layer {
  readonly settings: Settings
  readonly problems: readonly string[] = []
  /** As the user named it. */
  readonly #file: string
  #places: Promise<FilePlaces | undefined> | undefined

  constructor(file: string, settings: Settings) {
    this.#file = file
    this.settings = settings
  }

  /** `rtmpipe.config.ts:12:5: record.format: expected flv or mp4, got "avi"` */
  async tell({ path, text, shown, isMissing }: Problem): Promise<string> {
    const name = path.length === 0 ? '' : ` ${pathText(path)}:`
    const place = await this.placeOf(isMissing ? path.slice(0, -1) : path)
    return `${place}:${name} ${text}${shown === undefined ? '' : `, got ${shownValue(shown)}`}`
  }

  /** With line and column where they can be found. */
  async placeOf(path: Path): Promise<string> {
    this.#places ??= placesIn(this.#file)
    const places = await this.#places
    const place = path.length === 0 ? places?.start : places?.of(path)
    return place === undefined ? this.#file : `${this.#file}:${place.line}:${place.column}`
  }
}

/** The parser is loaded when somebody has to be told a place, and not before. */
export async function placesIn(file: string): Promise<FilePlaces | undefined> {
  const [{ FilePlaces: Places }, { plainJson }] = await Promise.all([
    import('./file-places.ts'),
    import('./json-text.ts'),
  ])
  const isJson = extname(file) === '.json'
  try {
    const text = readFileSync(file, 'utf8')
    return new Places(isJson ? plainJson(text) : text, isJson)
  } catch {
    // It has just been read; who has removed it meanwhile knows where it was.
    return undefined
  }
}
