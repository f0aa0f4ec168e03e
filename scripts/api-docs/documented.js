// Which properties must have documentation, a plugin of TypeDoc: those of interfaces and classes. Entries of tables of
// constants, and what tells the members of a union apart, say it by their names. What Node calls of a stream is left out.
import { Application, Converter, ReflectionKind } from 'typedoc'

export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const method of project.getReflectionsByKind(ReflectionKind.Method)) {
      if (method.name.startsWith('_')) project.removeReflection(method)
    }
  })

  app.on(Application.EVENT_VALIDATE_PROJECT, project => {
    const packages = app.options.getValue('packagesRequiringDocumentation')
    const properties = project.getReflectionsByKind(ReflectionKind.Property)
    for (const property of properties) {
      const { packageName, packagePath } = project.getSymbolIdFromReflection(property) ?? {}
      if (!packages.includes(packageName) || isDocumented(property)) continue
      app.logger.validationWarning(`${property.getFullName()} has no documentation: ${packagePath}`)
    }
  })
}

function isDocumented({ comment, parent, type }) {
  const isMember = parent?.kindOf([ReflectionKind.Interface, ReflectionKind.Class]) ?? false
  return comment !== undefined || !isMember || type?.type === 'literal'
}
