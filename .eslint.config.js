import importX from 'eslint-plugin-import-x'
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript'
import jsdoc from 'eslint-plugin-jsdoc'
import tseslint from 'typescript-eslint'

// The floors of lib, the highest first: a file imports from its own and from those below.
const floors = [
  './lib/ftp-vfs.ts',
  './lib/node-fs',
  './lib/calls',
  './lib/fs',
  './lib/remote',
  './lib/pool',
  './lib/options',
  './lib/node',
  './lib/wire',
]

// The manual: their docstrings name each parameter and each result that is not void.
const manual = ['lib/ftp-vfs.ts', 'lib/options/options.ts']
const documented = [
  'MethodDefinition[kind!="get"] > FunctionExpression',
  'MethodDefinition > TSEmptyBodyFunctionExpression',
  'ExportNamedDeclaration > FunctionDeclaration',
]
const noPromiseOfVoid = '[returnType.typeAnnotation.typeArguments.params.0.type!="TSVoidKeyword"]'

export default tseslint.config(
  { ignores: ['dist', '.built', '.tap', '.servers', '**/*.{cjs,mjs}'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: { project: ['./spec/tsconfig.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // tap runs subtests one after another, awaited or not, and reports their failures itself.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafePromises: [
            { from: 'package', name: 'PromiseWithSubtest', package: '@tapjs/core' },
          ],
        },
      ],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/prefer-promise-reject-errors': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['spec/**'],
    // Handlers of the scripted server take `reply` and `next` out of their context.
    rules: { '@typescript-eslint/unbound-method': 'off' },
  },
  {
    files: ['lib/**'],
    plugins: { 'import-x': importX },
    settings: {
      'import-x/extensions': ['.ts'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver-next': [createTypeScriptImportResolver({ project: './tsconfig.json' })],
    },
    rules: {
      'max-len': ['error', { code: 1000, comments: 100, ignoreUrls: true }],
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-restricted-paths': [
        'error',
        {
          zones: floors.slice(1).map((target, index) => ({
            target,
            from: [...floors.slice(0, index + 1), './lib/index.ts'],
            message: `${target.slice(2)} imports only from the floors below it: see CONTRIBUTING.`,
          })),
        },
      ],
    },
  },
  {
    files: manual,
    plugins: { jsdoc },
    settings: { jsdoc: { mode: 'typescript' } },
    rules: {
      'jsdoc/require-description': 'error',
      'jsdoc/require-param': ['error', { contexts: documented, checkDestructuredRoots: false }],
      'jsdoc/require-param-description': 'error',
      'jsdoc/check-param-names': ['error', { checkDestructured: false }],
      'jsdoc/require-returns': ['error', { contexts: documented.map(one => one + noPromiseOfVoid) }],
      'jsdoc/require-returns-description': 'error',
      'jsdoc/require-throws-description': 'error',
      'jsdoc/check-tag-names': ['error', { typed: false }],
    },
  },
)
