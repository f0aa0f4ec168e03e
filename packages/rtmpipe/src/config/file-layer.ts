import type { Place } from './json-file.ts'
import type { Layer } from './layer.ts'
import { type Path, pathText, type Settings } from './path.ts'
import { type Problem, shownValue } from './problem.ts'

/** Settings of a configuration file. */
export class FileLayer implements Layer {
  readonly settings: Settings
  readonly problems: readonly string[] = []
  /** As the user named it. */
  readonly #file: string
  readonly #placeOf: (path: Path) => Place | undefined

  /** @param placeOf where a setting stands in the file, as far as that can be told */
  constructor(file: string, settings: Settings, placeOf: (path: Path) => Place | undefined = () => undefined) {
    this.#placeOf = placeOf
    this.#file = file
    this.settings = settings
  }

  /** `rtmpipe.config.json:12:5: record.format: expected flv or mp4, got "avi"` */
  tell({ path, text, shown, isMissing }: Problem): string {
    const name = path.length === 0 ? '' : ` ${pathText(path)}:`
    const place = this.placeOf(isMissing ? path.slice(0, -1) : path)
    return `${place}:${name} ${text}${shown === undefined ? '' : `, got ${shownValue(shown)}`}`
  }

  /** With line and column where they can be found, which is in JSON. */
  placeOf(path: Path): string {
    const place = this.#placeOf(path)
    return place === undefined ? this.#file : `${this.#file}:${place.line}:${place.column}`
  }
}
