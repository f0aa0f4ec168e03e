// Importing tsyringe without it throws.
import 'reflect-metadata'

export { inject } from 'tsyringe'
