import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { resolve } from 'node:path'
import { inspect } from 'node:util'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { deprecatedNames, optionSpecs, optionTable, type OptionName } from '../../lib/options/table.js'
import { resolveOptions, type FtpVfsOptions, type ResolvedOptions } from '../../lib/options/options.js'
import { selfSigned } from '../support/certificates.js'

/** Fails to compile where the manual and the table name different options. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never
const manualAndTableAgree: Same<keyof FtpVfsOptions, OptionName> = true

const h = { host: 'h' }
const withHost = (options: object) => () => resolveOptions({ ...h, ...options })
const own = await selfSigned()
const other = await selfSigned()
const sha1 = '0123456789abcdef0123456789abcdef01234567'
const sha256 = 'fedcba9876543210'.repeat(4)

void t.test('defaults', async t => {
  t.ok(manualAndTableAgree)
  const expected: ResolvedOptions = {
    host: 'h',
    port: 21,
    user: 'anonymous',
    password: 'anonymous@',
    account: undefined,
    path: '',
    pathIsAbsolute: false,
    useCwdNames: false,
    encoding: 'utf8',
    serverTimezone: undefined,
    mdtmOffset: undefined,
    transferType: 'binary',
    verifyUploads: true,
    uploadDelay: 0,
    atomicUploads: false,
    statCacheTtl: 0,
    unsupportedMetadata: undefined,
    replayBuffer: 2 ** 20,
    memoryLimit: 64 * 2 ** 20,
    spoolDirectory: tmpdir(),
    connections: 4,
    idleTimeout: 60_000,
    shortTimeout: 30_000,
    listTimeout: 600_000,
    readWriteTimeout: 30_000,
    queueTimeout: undefined,
    retries: 3,
    retryDelay: 1_500,
    dataConnectionType: 'AutoPassive',
    activePorts: undefined,
    activeAddress: undefined,
    encryptionMode: 'None',
    sslProtocols: {},
    acceptSpecifiedSslHash: [],
    acceptAnySslCertificate: false,
    ignoreRevocationFailure: false,
    ca: undefined,
    cert: undefined,
    key: undefined,
    ignorePureftpdLimitIssue: false,
    listCommand: undefined,
    listErrors: 'throw',
    removeUnsureFolders: false,
    logToConsole: false,
    logPrivateInfoToConsole: false,
    logDiagnostics: false,
  }
  t.strictSame(resolveOptions(h), expected)
  t.strictSame(resolveOptions('ftp://h'), expected)
  t.ok(Object.isFrozen(resolveOptions(h)))
})

void t.test('every option by its name in code', async t => {
  const pem = Buffer.from(own.cert)
  const table: [options: FtpVfsOptions, resolved: Partial<ResolvedOptions>][] = [
    [{ host: 'Example.COM' }, { host: 'example.com' }],
    [{ host: 'münchen.example' }, { host: 'xn--mnchen-3ya.example' }],
    [{ host: '[2001:DB8::0]' }, { host: '2001:db8::' }],
    [{ host: '::1' }, { host: '::1' }],
    [{ host: 'fe80::1%eth0' }, { host: 'fe80::1%eth0' }],
    [{ host: '127.1' }, { host: '127.0.0.1' }],
    [{ port: 2121 }, { port: 2121 }],
    [{ encryptionMode: 'Implicit' }, { encryptionMode: 'Implicit', port: 990 }],
    [{ encryptionMode: 'Implicit', port: 21 }, { port: 21 }],
    [{ encryptionMode: 'Explicit' }, { encryptionMode: 'Explicit', port: 21 }],
    [{ encryptionMode: 'Auto' }, { encryptionMode: 'Auto', port: 21 }],
    [{ user: 'alice' }, { user: 'alice', password: '' }],
    [
      { user: 'alice', password: '' },
      { user: 'alice', password: '' },
    ],
    [
      { user: 'alice', password: 'p+q%41 ' },
      { user: 'alice', password: 'p+q%41 ' },
    ],
    [{ user: 'anonymous' }, { user: 'anonymous', password: 'anonymous@' }],
    [
      { user: 'anonymous', password: '' },
      { user: 'anonymous', password: '' },
    ],
    [{ account: 'x' }, { account: 'x' }],
    [{ path: 'a/b' }, { path: 'a/b', pathIsAbsolute: false }],
    [{ path: '/a//./b/../c/' }, { path: 'a/c', pathIsAbsolute: false }],
    [{ path: '../../a' }, { path: 'a', pathIsAbsolute: false }],
    [{ path: 'a%2Fb+c#?' }, { path: 'a%2Fb+c#?' }],
    [{ path: '' }, { path: '', pathIsAbsolute: false }],
    [{ path: '//a' }, { path: 'a', pathIsAbsolute: true }],
    [
      { path: 'a', absolutePath: true },
      { path: 'a', pathIsAbsolute: true },
    ],
    [
      { path: '/a', absolutePath: false },
      { path: 'a', pathIsAbsolute: false },
    ],
    [{ useCwdNames: true }, { useCwdNames: true }],
    [
      { encoding: 'latin1', path: 'grün' },
      { encoding: 'latin1', path: 'grün' },
    ],
    [{ encoding: 'UTF-8' }, { encoding: 'utf8' }],
    [{ encoding: 'ISO-8859-1' }, { encoding: 'latin1' }],
    [
      { encoding: 'Windows-1251', path: 'отчёт', user: 'Яна', password: 'пароль', account: 'счёт' },
      { encoding: 'windows1251', path: 'отчёт', user: 'Яна', password: 'пароль', account: 'счёт' },
    ],
    [
      { encoding: 'GBK', path: '报告' },
      { encoding: 'gbk', path: '报告' },
    ],
    [{ serverTimezone: 'utc' }, { serverTimezone: 'UTC' }],
    [{ serverTimezone: '+0545' }, { serverTimezone: '+05:45' }],
    [{ serverTimezone: '-3' }, { serverTimezone: '-03:00' }],
    [{ serverTimezone: 'Europe/Berlin' }, { serverTimezone: 'Europe/Berlin' }],
    [{ mdtmOffset: '-0330' }, { mdtmOffset: '-03:30' }],
    [{ mdtmOffset: 'Europe/Berlin' }, { mdtmOffset: 'Europe/Berlin' }],
    [{ transferType: 'ascii' }, { transferType: 'ascii', verifyUploads: false }],
    [{ transferType: 'ascii', verifyUploads: true }, { verifyUploads: false }],
    [{ verifyUploads: false }, { verifyUploads: false }],
    [{ uploadDelay: 500 }, { uploadDelay: 500 }],
    [{ atomicUploads: true }, { atomicUploads: true }],
    [{ statCacheTtl: 2_000 }, { statCacheTtl: 2_000 }],
    [{ unsupportedMetadata: 'ignore' }, { unsupportedMetadata: 'ignore' }],
    [{ replayBuffer: 4096 }, { replayBuffer: 4096 }],
    [{ memoryLimit: 2 ** 20 }, { memoryLimit: 2 ** 20 }],
    [{ spoolDirectory: '/var/spool' }, { spoolDirectory: '/var/spool' }],
    [{ spoolDirectory: 'spool' }, { spoolDirectory: resolve('spool') }],
    [{ connections: 1 }, { connections: 1 }],
    [{ connections: 1000 }, { connections: 1000 }],
    [{ idleTimeout: 0 }, { idleTimeout: 0 }],
    [{ shortTimeout: 1 }, { shortTimeout: 1 }],
    [{ listTimeout: 1 }, { listTimeout: 1 }],
    [{ readWriteTimeout: 2 ** 31 - 1 }, { readWriteTimeout: 2 ** 31 - 1 }],
    [{ queueTimeout: 5 }, { queueTimeout: 5 }],
    [{ queueTimeout: Infinity }, { queueTimeout: undefined }],
    [{ retries: 0 }, { retries: 0 }],
    [{ retries: 100 }, { retries: 100 }],
    [{ retryDelay: 0 }, { retryDelay: 0 }],
    [{ dataConnectionType: 'EPRT' }, { dataConnectionType: 'EPRT' }],
    [{ dataConnectionType: 'PassiveExtended' }, { dataConnectionType: 'PASVEX' }],
    [{ dataConnectionType: 'PassiveAllowUnroutable' }, { dataConnectionType: 'PASVUSE' }],
    [{ dataConnectionType: 'autoactive' as 'AutoActive' }, { dataConnectionType: 'AutoActive' }],
    [{ activePorts: '50000-50100' }, { activePorts: { min: 50_000, max: 50_100 } }],
    [{ activePorts: '1-65535' }, { activePorts: { min: 1, max: 65_535 } }],
    [{ activePorts: '50000' }, { activePorts: { min: 50_000, max: 50_000 } }],
    [{ activePorts: '50000-50000' }, { activePorts: { min: 50_000, max: 50_000 } }],
    [{ activePorts: 65_535 }, { activePorts: { min: 65_535, max: 65_535 } }],
    [{ activeAddress: '203.0.113.7' }, { activeAddress: '203.0.113.7' }],
    [{ activeAddress: '2001:DB8:0::7' }, { activeAddress: '2001:db8::7' }],
    [{ activeAddress: '[::1]' }, { activeAddress: '::1' }],
    [{ encryptionMode: 'AUTO' as 'Auto' }, { encryptionMode: 'Auto' }],
    [{ sslProtocols: 'None' }, { sslProtocols: {} }],
    [{ sslProtocols: 'none' }, { sslProtocols: {} }],
    [{ sslProtocols: 'Tls' }, { sslProtocols: { minVersion: 'TLSv1', maxVersion: 'TLSv1' } }],
    [{ sslProtocols: 'Tls12' }, { sslProtocols: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } }],
    [{ sslProtocols: 'tls13, tls12' }, { sslProtocols: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' } }],
    [
      { sslProtocols: ['Tls', 'Tls11', 'Tls12', 'Tls13'] },
      { sslProtocols: { minVersion: 'TLSv1', maxVersion: 'TLSv1.3' } },
    ],
    [{ acceptSpecifiedSslHash: sha1 }, { acceptSpecifiedSslHash: [sha1] }],
    [
      {
        acceptSpecifiedSslHash: ` ${sha1.toUpperCase().replace(/..(?!$)/g, '$&:')} ,; ${sha256.replace(/../g, '$& ')}`,
      },
      { acceptSpecifiedSslHash: [sha1, sha256] },
    ],
    [{ acceptSpecifiedSslHash: [sha256, sha1, sha256] }, { acceptSpecifiedSslHash: [sha256, sha1] }],
    [{ acceptSpecifiedSslHash: [] }, { acceptSpecifiedSslHash: [] }],
    [{ acceptAnySslCertificate: true }, { acceptAnySslCertificate: true }],
    [{ ignoreRevocationFailure: true }, { ignoreRevocationFailure: true }],
    [{ ca: pem }, { ca: pem }],
    [{ ca: [own.ca, pem] }, { ca: [own.ca, pem] }],
    [
      { cert: own.cert, key: [{ pem: own.key, passphrase: 'p' }] },
      { cert: own.cert, key: [{ pem: own.key, passphrase: 'p' }] },
    ],
    [{ ignorePureftpdLimitIssue: true }, { ignorePureftpdLimitIssue: true }],
    [{ listCommand: 'LIST -a' }, { listCommand: 'LIST -a' }],
    [{ listErrors: 'skip' }, { listErrors: 'skip' }],
    [{ removeUnsureFolders: true }, { removeUnsureFolders: true }],
    [{ logToConsole: true }, { logToConsole: true }],
    [{ logPrivateInfoToConsole: true }, { logPrivateInfoToConsole: true }],
    [{ logDiagnostics: true }, { logDiagnostics: true }],
  ]
  const shown = new Set<string>()
  for (const [options, resolved] of table) {
    const all = resolveOptions({ ...h, ...options })
    for (const [name, value] of Object.entries(resolved))
      t.strictSame(all[name as keyof ResolvedOptions], value, `${name} of ${JSON.stringify(options)}`)
    for (const name in options) shown.add(name)
  }
  t.same([...shown].sort(), Object.keys(optionTable).sort(), 'the table has every option')
})

void t.test('values of the wrong type', async t => {
  for (const [name] of optionSpecs) {
    // Not even the texts that a URL may hold, and null is not undefined.
    for (const value of [null, Symbol('x'), () => 1, { a: 1 }, 1n]) {
      t.throws(
        withHost({ [name]: value }),
        { code: 'ERR_INVALID_ARG_TYPE', message: `The option '${name}' must be ` },
        `${name}: ${inspect(value)}`,
      )
    }
  }
  const table: [options: object, message: string][] = [
    [{ connections: '4' }, "'connections' must be of type number: a whole one from 1 to 1000. Received '4'"],
    [
      { uploadDelay: '2s' },
      "'uploadDelay' must be of type number: milliseconds (a time such as '2s' stands only in a URL). Received '2s'",
    ],
    [{ verifyUploads: 'false' }, "'verifyUploads' must be of type boolean. Received 'false'"],
    [{ verifyUploads: 0 }, "'verifyUploads' must be of type boolean. Received 0"],
    [
      { encryptionMode: true },
      "'encryptionMode' must be one of None, Implicit, Explicit, Auto. Received true",
    ],
    [{ path: Buffer.from('a') }, "'path' must be of type string. Received an instance of Buffer"],
    [{ path: null }, "'path' must be of type string. Received null"],
    [{ host: Object.create(null) as object }, 'Received an object'],
    [{ acceptSpecifiedSslHash: [sha1, 5] }, 'must be of type string or an array of strings. Received 5'],
    [{ ca: '' }, "'ca' must be PEM text, a Buffer of it, or an array of those. Received type string"],
    [{ ca: [] }, "'ca' must be PEM text"],
    [
      { key: [{ passphrase: 'x' }] },
      "'key' must be PEM text, a Buffer of it, or an array of those or of { pem, passphrase }",
    ],
  ]
  for (const [options, message] of table)
    t.throws(withHost(options), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', message }, message)
})

void t.test('numbers outside their range', async t => {
  const table: [name: OptionName, values: number[], range: string][] = [
    ['port', [0, -1, 65_536, 21.5, NaN, Infinity], 'a whole number from 1 to 65535'],
    ['connections', [0, -1, 1001, 1.5, NaN, Infinity], 'a whole number from 1 to 1000'],
    ['activePorts', [0, -1, 65_536, 50_000.5, NaN, Infinity], 'a whole number from 1 to 65535'],
    [
      'statCacheTtl',
      [-1, 0.5, NaN, Infinity, 2 ** 31],
      'a whole number of milliseconds from 0 to 2147483647',
    ],
    ['replayBuffer', [0, 4095, 2 ** 30 + 1, 5000.5, NaN], 'a whole number from 4096 to 1073741824'],
    [
      'memoryLimit',
      [0, 2 ** 20 - 1, 2 ** 40 + 1, 2e6 + 0.5, Infinity],
      'a whole number from 1048576 to 1099511627776',
    ],
    ['uploadDelay', [-1, 0.5, NaN, Infinity, 2 ** 31], 'a whole number of milliseconds from 0 to 2147483647'],
    ['idleTimeout', [-1, Infinity], 'a whole number of milliseconds from 0 to 2147483647'],
    ['shortTimeout', [0, Infinity, 2 ** 31], 'a whole number of milliseconds from 1 to 2147483647'],
    ['listTimeout', [0], 'a whole number of milliseconds from 1 to 2147483647'],
    ['readWriteTimeout', [0], 'a whole number of milliseconds from 1 to 2147483647'],
    ['queueTimeout', [0, -Infinity, 2 ** 31], 'a whole number of milliseconds from 1 to 2147483647'],
    ['retries', [-1, 0.5, 101], 'a whole number from 0 to 100'],
    ['retryDelay', [-1, Infinity], 'a whole number of milliseconds from 0 to 2147483647'],
  ]
  for (const [name, values, range] of table) {
    for (const value of values) {
      const message = `The option '${name}' must be ${range}. Received ${value}`
      t.throws(
        withHost({ [name]: value }),
        { name: 'RangeError', code: 'ERR_OUT_OF_RANGE', message },
        message,
      )
    }
  }
})

void t.test('values that are not allowed', async t => {
  const protocols = 'a comma-separated list of Tls, Tls11, Tls12, Tls13'
  const table: [options: object, message: string | RegExp][] = [
    [
      { host: '' },
      "'host' must be a host name or an IP address alone; user, password, port and path have options of their own. Received ''",
    ],
    [{ host: 'h:21' }, "Received 'h:21'"],
    [{ host: 'h/x' }, "Received 'h/x'"],
    [{ host: 'ftp://h' }, "Received 'ftp://h'"],
    [{ host: 'ex%61mple' }, "Received 'ex%61mple'"],
    [{ host: 'a b' }, "Received 'a b'"],
    [{ host: 'a\nb' }, "Received 'a\\nb'"],
    [{ host: '256.1.1.1' }, "Received '256.1.1.1'"],
    [{ host: '[h]' }, "Received '[h]'"],
    [
      { user: '' },
      "'user' must not be empty; without it the login is anonymous. Received a value that is not shown",
    ],
    [{ account: '' }, "'account' must not be empty"],
    [{ path: 'a\nb' }, "'path' must not hold CR, LF or NUL. Received 'a\\nb'"],
    [{ path: 'a\rb' }, 'must not hold CR, LF or NUL'],
    [{ path: 'a\0b' }, 'must not hold CR, LF or NUL'],
    [{ path: '\udc00' }, "'path' must be well-formed Unicode"],
    [{ spoolDirectory: '' }, "'spoolDirectory' must not be empty"],
    [{ spoolDirectory: 'a\0' }, "'spoolDirectory' must not hold CR, LF or NUL"],
    [
      { encoding: 'klingon' },
      /'encoding' must be an encoding that iconv-lite knows and that writes ASCII as itself: utf8, latin1, .*windows-1251, .*gbk, .* and others\. Received 'klingon'/,
    ],
    [{ encoding: 'utf16le' }, "Received 'utf16le'"],
    [{ encoding: 'utf-7' }, "Received 'utf-7'"],
    [{ encoding: 'base64' }, "Received 'base64'"],
    [{ encoding: '' }, "Received ''"],
    [
      { serverTimezone: 'Europe/Atlantis' },
      "'serverTimezone' must be 'UTC', an offset such as '+02:00', or a name of the IANA database such as 'Europe/Berlin'. Received 'Europe/Atlantis'",
    ],
    [{ serverTimezone: '' }, "Received ''"],
    [{ mdtmOffset: '2h' }, "'mdtmOffset' must be 'UTC', an offset such as '+02:00', or a name"],
    [{ serverTimezone: '02:00' }, "Received '02:00'"],
    [{ serverTimezone: '+24:00' }, "Received '+24:00'"],
    [{ serverTimezone: '+02:60' }, "Received '+02:60'"],
    [{ encryptionMode: 'Explict' }, "must be one of None, Implicit, Explicit, Auto. Received 'Explict'"],
    [{ encryptionMode: ' None' }, "Received ' None'"],
    [
      { dataConnectionType: 'passive' },
      "'dataConnectionType' must be one of AutoPassive, AutoActive, PASV, ",
    ],
    ...[
      '',
      '0',
      '65536',
      '0-5',
      '50100-50000',
      '50000-65536',
      '50000-',
      '-50000',
      '1-2-3',
      '50000 - 50100',
      'any',
    ].map((activePorts): [object, string] => [
      { activePorts },
      `'activePorts' must be a port from 1 to 65535, or a range of them such as '50000-50100', the lower one first. Received '${activePorts}'`,
    ]),
    ...[
      '',
      'host.example.com',
      '203.0.113',
      '203.0.113.256',
      '127.1',
      '0x7f.0.0.1',
      '::1%eth0',
      '[203.0.113.7]',
      ' ::1',
    ].map((activeAddress): [object, string] => [
      { activeAddress },
      `'activeAddress' must be an IPv4 or IPv6 address, not a name. Received '${activeAddress}'`,
    ]),
    [{ sslProtocols: 'Ssl3' }, protocols],
    [{ sslProtocols: 'Tls12,Tls14' }, protocols],
    [{ sslProtocols: 'None,Tls12' }, protocols],
    [{ sslProtocols: 'Tls12,' }, protocols],
    [{ sslProtocols: '12' }, protocols],
    [{ sslProtocols: [] }, protocols],
    [{ sslProtocols: 'Tls,Tls13' }, 'must name TLS versions without a gap (Tls11, Tls12 missing)'],
    [{ sslProtocols: ['Tls11', 'Tls13'] }, 'must name TLS versions without a gap (Tls12 missing)'],
    [
      { acceptSpecifiedSslHash: '' },
      'SHA-1 (40 hex digits) or SHA-256 (64), separated by commas or semicolons',
    ],
    [{ acceptSpecifiedSslHash: ' , ' }, 'SHA-1 (40 hex digits)'],
    [{ acceptSpecifiedSslHash: [''] }, 'SHA-1 (40 hex digits)'],
    [{ acceptSpecifiedSslHash: sha1.slice(1) }, `Received '${sha1.slice(1)}'`],
    [{ acceptSpecifiedSslHash: `${sha1}, ${sha1}00` }, `Received '${sha1}00'`],
    [{ acceptSpecifiedSslHash: 'g'.repeat(40) }, 'SHA-1 (40 hex digits)'],
    [
      { path: '//a', absolutePath: false },
      "The path begins with '//', which makes it absolute, but 'absolutePath' is false",
    ],
    [
      { password: 'x' },
      "There is a password but no user; for an anonymous login with it the user is 'anonymous'",
    ],
    [{ cert: 'x' }, "The options 'cert' and 'key' need each other"],
    [{ ca: 'x' }, "The option 'ca' holds something that is not a certificate in PEM"],
    [{ ca: [own.ca, own.key] }, "The option 'ca' holds something that is not a certificate in PEM"],
    [{ cert: 'x', key: own.key }, "The option 'cert' holds something that is not a certificate in PEM"],
    [
      { cert: own.cert, key: 'x' },
      "The option 'key' holds something that is not a private key in PEM, or its passphrase is wrong or missing",
    ],
    [{ cert: own.cert, key: other.key }, "The option 'key' is not the key of the certificate in 'cert'"],
    [{ key: 'x' }, "The options 'cert' and 'key' need each other"],
    [
      { encoding: 'latin1', path: '€' },
      "The option 'path' holds characters that latin1, the encoding of the server, does not have",
    ],
    [{ encoding: 'latin1', user: '€' }, "The option 'user' holds characters"],
    [{ encoding: 'latin1', user: 'a', password: '€' }, "The option 'password' holds characters"],
    [{ encoding: 'latin1', account: '€' }, "The option 'account' holds characters"],
    [
      { encoding: 'Windows-1251', path: '/报告' },
      "The option 'path' holds characters that windows1251, the encoding of the server, does not have",
    ],
    // iconv-lite writes the yen sign as the byte of the backslash.
    [{ encoding: 'shift_jis', user: 'a', password: '¥' }, "The option 'password' holds characters"],
    [{ encoding: 'gbk', user: '\u{1f600}' }, "The option 'user' holds characters"],
  ]
  for (const [options, message] of table) {
    t.throws(
      withHost(options),
      { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE', message },
      `${JSON.stringify(options)}: ${message}`,
    )
  }
})

void t.test('long values are cut in errors', async t => {
  t.throws(withHost({ encoding: 'x'.repeat(500) }), { message: /Received 'x{127}\.\.\.$/ })
})

void t.test('options that do not exist', async t => {
  const table: [options: object, message: string][] = [
    [
      { conections: 4 },
      "Unknown option 'conections'. Did you mean 'connections'? The options are host, port, user, password, account, ",
    ],
    [{ 'ftp-upload-delay': 4 }, "Did you mean 'uploadDelay'?"],
    [{ 'upload-delay': 4 }, "Did you mean 'uploadDelay'?"],
    [{ UploadDelay: 4 }, "Did you mean 'uploadDelay'?"],
    [{ 'auth-password': 'x' }, "Did you mean 'password'?"],
    [{ 'disable-upload-verify': true }, "Did you mean 'verifyUploads', which says the opposite?"],
    [{ secure: true }, "Unknown option 'secure'. The options are host, "],
    [{ ['x'.repeat(1000)]: true }, "'. The options are host, "],
    [{ constructor: 1 }, "Unknown option 'constructor'."],
    [{ nothing: undefined }, "Unknown option 'nothing'."],
    [Object.create({ inherited: 1 }) as object, "Unknown option 'inherited'."],
  ]
  for (const [options, message] of table) {
    for (const run of [() => resolveOptions(options), () => resolveOptions('ftp://h', options)])
      t.throws(run, { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE', message }, message.slice(0, 80))
  }
})

void t.test('arguments', async t => {
  for (const value of [undefined, null, 5, true, 1n, () => 1]) {
    t.throws(
      () => resolveOptions(value as unknown as string),
      {
        code: 'ERR_INVALID_ARG_TYPE',
        message:
          'The "url" argument must be of type string, an instance of URL, or an object of options. Received ',
      },
      String(value),
    )
  }
  for (const value of [null, 5, 'ftp://u:s3cr3t@h', ['x'], () => 1]) {
    t.throws(
      () => resolveOptions('ftp://h', value as object),
      {
        code: 'ERR_INVALID_ARG_TYPE',
        message: /^The "options" argument must be an object\. Received (?!.*s3cr3t)/,
      },
      String(value),
    )
  }
  // What url.parse returns is not a URL object.
  const parsed = { href: 'ftp://u:s3cr3t@h/x', protocol: 'ftp:', auth: 'u:s3cr3t', host: 'h', path: '/x' }
  t.throws(() => resolveOptions(parsed), { message: /^Unknown option 'href'\. (?!.*s3cr3t)/ })
  t.throws(() => resolveOptions([] as FtpVfsOptions), { code: 'ERR_INVALID_ARG_TYPE' })
  t.throws(() => resolveOptions({}), {
    code: 'ERR_INVALID_ARG_TYPE',
    message: "The option 'host' must be the server's name or address. Received undefined",
  })
})

void t.test('undefined is absent, and accessors are read once', async t => {
  const nothing = Object.fromEntries(optionSpecs.map(([name]) => [name, undefined]))
  t.strictSame(resolveOptions('ftp://h', nothing), resolveOptions('ftp://h'))
  t.strictSame(resolveOptions({ ...nothing, host: 'h' }), resolveOptions(h))
  t.equal(resolveOptions('ftp://h?connections=2', { connections: undefined }).connections, 2)

  let reads = 0
  const options = {
    host: 'h',
    get connections() {
      return (reads += 1)
    },
  }
  t.equal(resolveOptions(options).connections, 1)
  t.equal(reads, 1)

  class Settings {
    get host() {
      return 'from.a.class'
    }
  }
  t.equal(resolveOptions(new Settings()).host, 'from.a.class')
})

void t.test('the second argument goes before the first, each option on its own', async t => {
  const url =
    'ftp://alice:x@h:2121//srv?connections=2&short-timeout=1&auth-username=bob&disable-upload-verify'
  t.match(
    resolveOptions(url, { host: 'other', port: 22, user: 'carol', connections: 8, verifyUploads: true }),
    {
      host: 'other',
      port: 22,
      user: 'carol',
      password: 'x',
      connections: 8,
      shortTimeout: 1000,
      verifyUploads: true,
      path: 'srv',
      pathIsAbsolute: true,
    },
  )
  t.match(resolveOptions({ host: 'h', connections: 2, port: 1 }, { connections: 3 }), {
    connections: 3,
    port: 1,
  })
  t.equal(resolveOptions('ftp://h?auth-password=x', { user: 'alice' }).password, 'x')
  t.equal(resolveOptions('ftp://h?queue-timeout=5', { queueTimeout: Infinity }).queueTimeout, undefined)
  t.match(
    resolveOptions('ftp://h//srv', { path: 'a' }),
    { path: 'a', pathIsAbsolute: false },
    'what begins with // is the path, and it is replaced',
  )
  t.match(resolveOptions('ftp://h/x?ftp-absolute-path', { path: 'a' }), { path: 'a', pathIsAbsolute: true })
  t.match(resolveOptions('aftp://h/x', { absolutePath: false }), { path: 'x', pathIsAbsolute: false })
  t.throws(() => resolveOptions('ftp://h//srv', { absolutePath: false }), { code: 'ERR_INVALID_ARG_VALUE' })

  t.throws(() => resolveOptions('ftp://h?connections=0', { connections: 1 }), { code: 'ERR_OUT_OF_RANGE' })
  t.throws(() => resolveOptions({ host: 'h', connections: 0 }, { connections: 1 }), {
    code: 'ERR_OUT_OF_RANGE',
  })
})

void t.test('an option does not overrule a scheme that says TLS', async t => {
  t.equal(
    resolveOptions('ftp://h?ftp-encryption-mode=Explicit', { encryptionMode: 'None' }).encryptionMode,
    'None',
  )
  t.equal(resolveOptions('ftps://h', { encryptionMode: 'Implicit' }).encryptionMode, 'Implicit')
  t.equal(resolveOptions(new URL('ftpes://h'), { encryptionMode: undefined }).encryptionMode, 'Explicit')
  t.throws(() => resolveOptions('ftps://h', { encryptionMode: 'None' }), {
    code: 'ERR_INVALID_ARG_VALUE',
    message: "The option 'encryptionMode' (None) contradicts 'ftps://', which is Implicit",
  })
  t.throws(() => resolveOptions(new URL('ftpes://h'), { encryptionMode: 'Auto' }), {
    message: "The option 'encryptionMode' (Auto) contradicts 'ftpes://', which is Explicit",
  })
})

void t.test('no error shows a credential', async t => {
  const secret = 's3cr3t'
  const cases: object[] = [
    { user: `${secret}\n` },
    { user: 'u', password: `${secret}\0` },
    { user: 'u', password: `${secret}\ud800` },
    { user: 'u', password: [secret] },
    { user: 'u', password: Buffer.from(secret) },
    { user: 'u', password: { toString: () => secret } },
    { user: 'u', password: Symbol(secret) },
    { user: 'u', password: 5318008 },
    { password: secret },
    { account: `${secret}\r` },
    { encoding: 'latin1', user: 'u', password: `${secret}€` },
    { host: `u:${secret}@h` },
    { host: `ftp://u:${secret}@h/` },
    { host: { password: secret } },
    { key: secret },
    { key: { pem: 5, passphrase: secret } },
    { pasword: secret },
  ]
  for (const options of cases) {
    try {
      resolveOptions({ ...h, ...options })
      t.fail(Object.keys(options).join())
    } catch (error) {
      const { message, stack, ...more } = error as Error
      t.notMatch([message, stack, JSON.stringify(more)].join(), /s3cr3t|5318008/, message)
    }
  }
})

void t.test('the manual', async t => {
  const source = readFileSync(new URL('../../lib/options/options.ts', import.meta.url), 'utf8')
  const manual = source.slice(
    source.indexOf('export interface FtpVfsOptions'),
    source.indexOf('export interface ResolvedOptions'),
  )
  const entries = new Map<string, string>()
  for (const [, doc = '', name = ''] of manual.matchAll(/\/\*\*((?:(?!\*\/).)*)\*\/\s+(\w+)\?:/gs))
    entries.set(name, doc.replace(/\s*\n\s*\* ?/g, ' '))
  t.same([...entries.keys()].sort(), Object.keys(optionTable).sort())

  const files = { readFileSync: (name: string) => (name.endsWith('.key') ? own.key : own.cert) }
  for (const [name, { ftp }] of optionSpecs) {
    const doc = entries.get(name)!
    if (ftp !== undefined) t.match(doc, `\`${ftp.replace('!', '')}\``, `${name}: its name in a URL`)
    if (name !== 'host') t.match(doc, /@default \S/, `${name}: its default`)
    const example = /@example (\{.*\})/.exec(doc)?.[1]
    const options = { ...(runInNewContext(`(${example})`, { fs: files }) as FtpVfsOptions) }
    t.ok(name in options, `${name}: its example shows it`)
    t.doesNotThrow(() => resolveOptions({ ...h, ...options }), `${name}: its example works`)
  }
})

void t.test('the README', async t => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const section = readme.slice(readme.indexOf('\n## Options'), readme.indexOf('\n## Errors'))
  const rows = section.split('\n').filter(line => line.startsWith('|'))
  for (const [name, { ftp, aftp }] of optionSpecs) {
    const row = rows.find(line => line.split('|')[2]?.includes(`\`${name}\``))
    t.ok(row, `${name}: a row`)
    for (const written of [ftp, aftp?.replace(/^aftp-(?!relative)/, 'ftp-')])
      if (written !== undefined) t.match(row, `\`${written.replace('!', '')}\``, `${name}: its name in a URL`)
  }
  for (const name of deprecatedNames.keys()) t.match(section, `\`${name}\``, name)
})
