import type { Operation } from '../operation.js'
import { listings } from './listings.js'
import { metadata } from './metadata.js'
import { names } from './names.js'
import { reads } from './reads.js'
import { writes } from './writes.js'

export const operations: readonly Operation[] = [...reads, ...writes, ...names, ...metadata, ...listings]
