const { transformSync } = require('esbuild')

/** Transpiles for ts-node, by which tap loads TypeScript: TypeScript itself takes six seconds for the library, for each spec file. */
exports.create = () => ({
  transpile(code, { fileName }) {
    const { code: outputText, map } = transformSync(code, {
      loader: 'ts',
      format: 'esm',
      target: 'es2022',
      sourcefile: fileName,
      sourcemap: 'external',
    })
    return { outputText, sourceMapText: map }
  },
})
