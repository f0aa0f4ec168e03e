import type { BuildOptions, BuildResult } from 'esbuild'

export function bundleBrowser(
  folder: string,
  options?: BuildOptions,
): Promise<BuildResult<{ write: false; metafile: true }>>
export function isForBrowsers(folder: string): boolean
