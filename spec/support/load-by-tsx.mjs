// Lets tap load TypeScript by tsx, where no coverage is counted: ts-node takes two seconds for each spec file.
process.env.TAP_TYPE_STRIP_ONLY = '1'
await import('tsx')
