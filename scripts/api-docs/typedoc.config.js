import { entryPoints } from './entry-points.js'
import { order } from './groups.js'

/** Packages in which a symbol may lack documentation; there should be none. */
const tolerated = []

export default {
  name: 'rtmpipe',
  readme: 'README.md',
  tsconfig: 'tsconfig.json',
  plugin: ['./groups.js', './documented.js'],
  entryPoints: entryPoints.map(({ file }) => file),
  sortEntryPoints: false,
  out: '../../docs/api',
  basePath: '../..',
  disableGit: true,
  sourceLinkTemplate: 'https://github.com/rtmpipe/rtmpipe/blob/main/{path}#L{line}',
  categorizeByGroup: false,
  categoryOrder: order,
  navigation: { includeCategories: true, includeGroups: false },
  excludePrivate: true,
  excludeInternal: true,
  excludeExternals: true,
  validation: { notExported: false, invalidLink: true, notDocumented: true },
  packagesRequiringDocumentation: [...new Set(entryPoints.map(entry => entry.package))].filter(
    name => !tolerated.includes(name),
  ),
  requiredToBeDocumented: ['Variable', 'Function', 'Class', 'Interface', 'Method', 'Accessor', 'TypeAlias'],
  treatWarningsAsErrors: true,
}
