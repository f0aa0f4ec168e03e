// Groups what is documented by what one does with it, and names modules as programs import them: a plugin of TypeDoc.
import { CommentTag, Converter, ReflectionKind } from 'typedoc'
import { entryPoints } from './entry-points.js'

/** Groups in the order in which they are shown, each with the folders and files of the code that belong to it. */
const groups = [
  ['Serve', /rtmpipe\/src\/(create-server|serve)|session\/src\/(server\/|contract\/(logger|limits|link))/],
  ['Connect', /rtmpipe\/src\/(connect|stream-url|login)|session\/src\/(client|contract\/connect-attempt)/],
  ['Transports', /packages\/net|transport-|rtmpipe\/src\/(tls|http-tunnel)|session\/src\/contract\/(transport|stage)/],
  ['Plugins', /packages\/plugins|rtmpipe\/src\/plugins|session\/src\/(hooks|contract)/],
  ['Streams', /session\/src\/(live|protocol\/media)/],
  ['Shared objects', /session\/src\/shared-object/],
  ['Testing', /packages\/testing|\/testing[/.]/],
  ['Over HTTP', /packages\/(http|web)|rtmpipe\/src\/(http|api-client)/],
  ['Several processes', /packages\/cluster/],
  ['Configuration', /rtmpipe\/src/],
  ['Messages and bytes', /packages\/(amf|flv|chunk-stream|dump)|session\/src/],
]

export const order = groups.map(([name]) => name)

export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
      const [source] = module.sources ?? []
      module.name = entryPoints.find(({ file }) => file === source?.fullFileName)?.name ?? module.name
      for (const child of module.children ?? []) group(child)
    }
  })
}

function group(reflection) {
  const file = reflection.sources?.[0]?.fullFileName
  const found = groups.find(([, pattern]) => pattern.test(file))
  if (file === undefined) return
  if (found === undefined)
    throw new Error(`${reflection.name} of ${file} belongs to no group: see scripts/api-docs/groups.js`)
  // A function's comment is that of its signatures.
  for (const owner of reflection.signatures ?? [reflection]) {
    // What has no comment must not get one: it would count as documented.
    owner.comment?.blockTags.push(new CommentTag('@category', [{ kind: 'text', text: found[0] }]))
  }
}
