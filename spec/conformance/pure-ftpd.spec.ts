import { onRealServer } from './real-server.js'

await onRealServer('pure-ftpd', {})
