/** What a client asks for, inside the application. */
export interface StreamTarget {
  /** Folder inside the one that is served; '' for itself. */
  readonly folder: string
  /** What kind of file is asked for, as in `mp4:movie`. */
  readonly filePrefix: string
  readonly fileName: string
  /** What stands behind the name, without the `?` or `#` between; '' for nothing. */
  readonly rawQuery: string
}

/** The folder that an application stands for: `trailers` for `vod/trailers`. Undefined for other applications. */
export function folderOf(app: string, ours: string): string | undefined {
  if (app === ours) return ''
  return app.startsWith(`${ours}/`) ? app.slice(ours.length + 1) : undefined
}

/** A name as `getStreamLength` has it, which is not parsed yet. */
export function parseName(name: string): Omit<StreamTarget, 'folder'> {
  const [, path = '', rawQuery = ''] = /^([^?#]*)[?#]?(.*)$/s.exec(name) ?? []
  const [all = '', filePrefix = ''] = /^(flv|mp3|mp4):/.exec(path) ?? []
  return { filePrefix, fileName: path.slice(all.length), rawQuery }
}
