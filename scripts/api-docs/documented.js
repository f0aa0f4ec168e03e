// Which properties must have documentation, a plugin of TypeDoc: those of interfaces and classes. Entries of tables of
// constants, and what tells the members of a union apart, say it by their names. What Node calls of a stream and a page of an
// element is left out, and the names of errors, which are those of their classes.
import { Application, Converter, ReflectionKind } from 'typedoc'

const ofElements = ['connectedCallback', 'disconnectedCallback', 'attributeChangedCallback', 'observedAttributes']

export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const member of project.getReflectionsByKind(ReflectionKind.Method | ReflectionKind.Property)) {
      const isOfError = member.name === 'name' && member.parent?.name.endsWith('Error')
      const isNodes = member.kindOf(ReflectionKind.Method) && member.name.startsWith('_')
      if (isNodes || isOfError || ofElements.includes(member.name)) project.removeReflection(member)
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
