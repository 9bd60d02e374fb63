import t from 'tap'
import { deprecatedNames, optionSpecs, queryName } from '../../lib/options/table.js'
import { resolveOptions, type FtpVfsOptions, type ResolvedOptions } from '../../lib/options/options.js'
import { parseFtpUrl } from '../../lib/options/url.js'

const invalidUrl = (message: string | RegExp) => ({ name: 'TypeError', code: 'ERR_INVALID_URL', message })
const invalidValue = (message: string | RegExp) => ({
  name: 'TypeError',
  code: 'ERR_INVALID_ARG_VALUE',
  message,
})

/** What is thrown, as text: message, properties and stack. */
function thrownText(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    const { message, stack, ...more } = error as Error
    return [message, stack, JSON.stringify(more), String(error)].join('\n')
  }
  throw new Error('Nothing was thrown')
}

// Before the others: it is said once in a process.
void t.test('old names are taken, with a warning for each name', async t => {
  const warnings = t.capture(process, 'emitWarning', () => {})
  for (const query of ['use-ssl', 'use-ssl=no', 'ftp-passive=no', 'ftp-regular', 'FTP-Regular'])
    parseFtpUrl(`ftp://h?${query}`)
  const told = warnings().map(({ args }) => args as unknown)
  const deprecated = (code: string) => ({ type: 'DeprecationWarning', code })
  t.same(told, [
    [
      "'use-ssl' in an FTP URL is deprecated; use 'ftp-encryption-mode=Explicit'",
      deprecated('FTP_VFS_DEP0001'),
    ],
    [
      "'ftp-passive' in an FTP URL is deprecated; use 'ftp-data-connection-type=AutoPassive'",
      deprecated('FTP_VFS_DEP0002'),
    ],
    [
      "'ftp-regular' in an FTP URL is deprecated; use 'ftp-data-connection-type=AutoActive'",
      deprecated('FTP_VFS_DEP0003'),
    ],
  ])
})

void t.test('hosts and ports', async t => {
  const table: [url: string, host: string, port: number][] = [
    ['ftp://example.com', 'example.com', 21],
    ['ftp://Example.COM/', 'example.com', 21],
    ['FTP://example.com/', 'example.com', 21],
    ['ftp://example.com:2121/x', 'example.com', 2121],
    ['ftp://example.com:/x', 'example.com', 21],
    ['ftp://example.com:0021/x', 'example.com', 21],
    ['ftp://example.com:65535', 'example.com', 65_535],
    ['ftp://example.com?connections=1', 'example.com', 21],
    ['ftp://my_host.example', 'my_host.example', 21],
    ['ftp://127.0.0.1:21', '127.0.0.1', 21],
    ['ftp://127.1', '127.0.0.1', 21],
    ['ftp://[::1]', '::1', 21],
    ['ftp://[::1]:2121/x', '::1', 2121],
    ['ftp://[2001:DB8:0:0::1]', '2001:db8::1', 21],
    ['ftp://[::ffff:1.2.3.4]', '::ffff:102:304', 21],
    ['ftp://[fe80::1%25eth0]/', 'fe80::1%eth0', 21],
    ['ftp://München.example', 'xn--mnchen-3ya.example', 21],
    ['ftp://M%C3%BCnchen.example', 'xn--mnchen-3ya.example', 21],
    ['ftp://日本語.example', 'xn--wgv71a119e.example', 21],
    ['ftps://MÜNCHEN.example', 'xn--mnchen-3ya.example', 990],
    ['ftps://example.com:2990', 'example.com', 2990],
    ['ftps://example.com:21', 'example.com', 21],
    ['ftpes://EXAMPLE.com', 'example.com', 21],
    ['aftp://127.1', '127.0.0.1', 21],
    ['ftp://h?ftp-encryption-mode=Implicit', 'h', 990],
    ['ftp://h:21?ftp-encryption-mode=Implicit', 'h', 21],
    ['ftp://h?ftp-encryption-mode=Explicit', 'h', 21],
    ['ftp://h?ftp-encryption-mode=Auto', 'h', 21],
  ]
  for (const [url, host, port] of table) t.match(resolveOptions(url), { host, port }, url)
})

void t.test('malformed URLs', async t => {
  const table: [url: string, reason: RegExp][] = [
    ['', /must begin with ftp:\/\/, ftps:\/\/, ftpes:\/\/, aftp:\/\/$/],
    ['example.com', /must begin with ftp:/],
    ['ftp:example.com', /must begin with ftp:/],
    ['ftp:/example.com', /must begin with ftp:/],
    ['sftp://example.com', /must begin with ftp:/],
    ['aftps://example.com', /must begin with ftp:/],
    ['http://example.com', /must begin with ftp:/],
    ['ftp://', /it has no host$/],
    ['ftp:///path', /it has no host$/],
    ['ftp://?connections=1', /it has no host$/],
    ['ftp://user@', /it has no host$/],
    ['ftp://user@:21/', /it has no host$/],
    ['ftp://h:0', /port must be a number from 1 to 65535$/],
    ['ftp://h:65536', /port must be a number from 1 to 65535$/],
    ['ftp://h:ftp', /port must be a number from 1 to 65535$/],
    ['ftp://h:-1', /port must be a number from 1 to 65535$/],
    ['ftp://h:2 1', /port must be a number from 1 to 65535$/],
    ['ftp://exa mple/', /host must be a name, an IPv4 address or an IPv6 address in brackets: 'exa mple'$/],
    ['ftp://1.2.3.4.5', /host must be .*: '1\.2\.3\.4\.5'$/],
    ['ftp://a%2Fb', /host must be .*: 'a%2Fb'$/],
    ['ftp://a%0Ab', /host must be .*: 'a%0Ab'$/],
    ['ftp://a%2525', /host must be .*: 'a%2525'$/],
    ['ftp://a%zz', /host holds a '%' without two hex digits/],
    ['ftp://[::1', /host must be .* in brackets$/],
    ['ftp://[::1]x/', /host must be .* in brackets$/],
    ['ftp://[1.2.3.4]/', /host must be .* in brackets$/],
    ['ftp://::1/', /it has no host$/],
    ['ftp://h/a#b', /'#', which must be written %23/],
    ['ftp://h/?spool-directory=a#b', /'#', which must be written %23/],
    ['ftp://h/#', /'#', which must be written %23/],
    ['ftp://h/a\nb', /a control character/],
    ['ftp://h/a\tb', /a control character/],
    ['ftp://h/a\0', /a control character/],
    ['ftp://h/a\n', /a control character/],
    [' ftp://h/a', /begins or ends with a space, which must be written %20/],
    ['ftp://h/a ', /begins or ends with a space, which must be written %20/],
    ['ftp://h/\ud800', /not well-formed Unicode/],
    ['ftp://h/100%', /path holds a '%' without two hex digits behind it; a percent sign is written %25$/],
    ['ftp://h/%zz', /path holds a '%' without/],
    ['ftp://h/%FF', /path holds percent escapes that are not UTF-8; 'é' is written %C3%A9/],
    ['ftp://h/%ED%A0%80', /path holds percent escapes that are not UTF-8/],
    ['ftp://a%ZZ:b@h', /user holds a '%' without/],
    ['ftp://a:b%@h', /password holds a '%' without/],
    ['ftp://a%E9:b@h', /user holds percent escapes that are not UTF-8/],
    ['ftp://h?spool-directory=%', /query holds a '%' without/],
    ['ftp://h?spool-directory=%E9', /query holds percent escapes that are not UTF-8/],
    ['ftp://h?%E9=1', /query holds percent escapes that are not UTF-8/],
    ['ftp://a@b@h', /an '@' in its user or password must be written %40$/],
    ['ftp://DOMAIN\\alice:x@h', /a '\\' in its user or password must be written %5C$/],
    ['ftp://@h', /it has an '@' but no user before it$/],
    ['ftp://:@h', /it has an '@' but no user before it$/],
    ['ftp://:secret@h', /it has a password but no user before it$/],
    ['ftp://:secret@h?auth-username=alice', /it has a password but no user before it$/],
  ]
  for (const [url, reason] of table) t.throws(() => parseFtpUrl(url), invalidUrl(reason), JSON.stringify(url))
})

void t.test('user and password', async t => {
  const table: [url: string, user: string, password: string][] = [
    ['ftp://h', 'anonymous', 'anonymous@'],
    ['ftp://anonymous@h', 'anonymous', 'anonymous@'],
    ['ftp://anonymous:me%40example.com@h', 'anonymous', 'me@example.com'],
    ['ftp://alice@h', 'alice', ''],
    ['ftp://alice:@h', 'alice', ''],
    ['ftp://alice:secret@h', 'alice', 'secret'],
    ['ftp://alice:a:b@h', 'alice', 'a:b'],
    ['ftp://a%40b.example:p%2Fq%3Fr%23s%3At%5Cu@h', 'a@b.example', 'p/q?r#s:t\\u'],
    ['ftp://a%3Ab:c@h', 'a:b', 'c'],
    ['ftp://a+b:c+d@h', 'a+b', 'c+d'],
    ['ftp://a%2541:%2525@h', 'a%41', '%25'],
    ['ftp://jürgen:gr%C3%BCn@h', 'jürgen', 'grün'],
    ['ftp://a b:c d@h', 'a b', 'c d'],
    ['ftp://h?auth-username=alice&auth-password=secret', 'alice', 'secret'],
    ['ftp://h?auth-username=alice', 'alice', ''],
    ['ftp://h?auth-username=alice&auth-password=', 'alice', ''],
    ['ftp://h?auth-username=a%26b&auth-password=c%3Dd=e', 'a&b', 'c=d=e'],
    ['ftp://h?auth-username=a+b&auth-password=c%2Bd', 'a b', 'c+d'],
    ['ftp://h?auth-username=al@ex&auth-password=p/q?r:s@t', 'al@ex', 'p/q?r:s@t'],
    // The user part wins, each part on its own, as in the original.
    ['ftp://alice:secret@h?auth-username=bob&auth-password=other', 'alice', 'secret'],
    ['ftp://alice@h?auth-username=bob&auth-password=other', 'alice', 'other'],
    ['ftp://alice:@h?auth-password=other', 'alice', 'other'],
  ]
  for (const [url, user, password] of table) t.match(resolveOptions(url), { user, password }, url)

  t.throws(
    () => resolveOptions('ftp://h?auth-password=x'),
    invalidValue(/^There is a password but no user; for an anonymous login with it the user is 'anonymous'$/),
  )
  t.throws(
    () => resolveOptions('ftp://h?auth-username='),
    invalidValue(
      /^The option 'auth-username' in the URL must not be empty; without it the login is anonymous/,
    ),
  )
  for (const [url, name] of [
    ['ftp://a%0D%0ADELE x@h', 'user'],
    ['ftp://a:b%00@h', 'password'],
    ['ftp://h?auth-username=a%0Ab', 'auth-username'],
    ['ftp://h?auth-username=a&auth-password=a%0D', 'auth-password'],
    ['ftp://h?account=a%00', 'account'],
    ['ftp://h/a%0Ab', 'path'],
    ['ftp://h/a%0db', 'path'],
    ['ftp://h/a%00b', 'path'],
  ] as const) {
    t.throws(
      () => resolveOptions(url),
      invalidValue(
        `The option '${name}' in the URL must not hold CR, LF or NUL. Received a value that is not shown`,
      ),
      url,
    )
  }
})

void t.test('paths', async t => {
  const table: [url: string, path: string, pathIsAbsolute: boolean][] = [
    ['ftp://h', '', false],
    ['ftp://h/', '', false],
    ['ftp://h?connections=1', '', false],
    ['ftp://h/a', 'a', false],
    ['ftp://h/a/b/', 'a/b', false],
    ['ftp://h/a//b', 'a/b', false],
    ['ftp://h//', '', true],
    ['ftp://h//a/b', 'a/b', true],
    ['ftp://h///a', 'a', true],
    ['ftp://h/%2F', '', true],
    ['ftp://h/%2Fa', 'a', true],
    ['ftp://h/%2fa/b', 'a/b', true],
    ['ftp://h/a%2Fb', 'a/b', false],
    ['ftp://h/a/%2Fb', 'a/b', false],
    ['ftp://h/a+b', 'a+b', false],
    ['ftp://h/a%2Bb', 'a+b', false],
    ['ftp://h/a%23b', 'a#b', false],
    ['ftp://h/a%3Fb', 'a?b', false],
    ['ftp://h/a%2541', 'a%41', false],
    ['ftp://h/a%25', 'a%', false],
    ['ftp://h/my folder', 'my folder', false],
    ['ftp://h/%20my%20folder%20/', ' my folder ', false],
    ['ftp://h/a%09b', 'a\tb', false],
    ['ftp://h/a\\b', 'a\\b', false],
    ['ftp://h/a%5Cb', 'a\\b', false],
    ['ftp://h/a;type=i', 'a;type=i', false],
    ['ftp://h/a@b:c', 'a@b:c', false],
    ['ftp://h/[x]*|"', '[x]*|"', false],
    ['ftp://h/grün', 'grün', false],
    ['ftp://h/gr%C3%BCn', 'grün', false],
    ['ftp://h/%F0%9F%90%9F', '🐟', false],
    ['ftp://h/a/./b/.', 'a/b', false],
    ['ftp://h/a/../b', 'b', false],
    ['ftp://h/../../b', 'b', false],
    ['ftp://h/%2e%2E/b', 'b', false],
    ['ftp://h/a%2F..%2F..%2Fb', 'b', false],
    ['ftp://h/..a/...', '..a/...', false],
    ['ftp://h//a/../../..//b', 'b', true],
    ['ftps://h//a\\b', 'a\\b', true],
    ['ftp://h/a?ftp-absolute-path', 'a', true],
    ['ftp://h/a?ftp-absolute-path=true', 'a', true],
    ['ftp://h/a?ftp-absolute-path=false', 'a', false],
    ['ftp://h//a?ftp-absolute-path=true', 'a', true],
    ['aftp://h/a', 'a', true],
    ['aftp://h//a', 'a', true],
    ['aftp://h', '', true],
    ['aftp://h/a?aftp-relative-path', 'a', false],
    ['aftp://h/a?aftp-relative-path=no', 'a', true],
  ]
  for (const [url, path, pathIsAbsolute] of table) t.match(resolveOptions(url), { path, pathIsAbsolute }, url)

  const contradiction = invalidValue(/^The path begins with '\/\/', which makes it absolute, but/)
  t.throws(() => resolveOptions('ftp://h//a?ftp-absolute-path=false'), contradiction)
  t.throws(() => resolveOptions('ftp://h/%2Fa?ftp-absolute-path=false'), contradiction)
  t.throws(() => resolveOptions('aftp://h//a?aftp-relative-path'), contradiction)
})

void t.test('a URL object means what its text means', async t => {
  for (const url of [
    'ftp://alice:p%40ss@München.example:2121//a+b/c%20d?ftp-upload-delay=2s',
    'ftps://alice:p%40ss@M%C3%BCnchen.example/a\\b',
    'ftpes://[::1]:99/grün',
    'aftp://h/x?aftp-use-cwd-names',
  ]) {
    t.same(parseFtpUrl(new URL(url)), parseFtpUrl(url), url)
  }
  t.throws(() => parseFtpUrl(new URL('ftp://h/a#b')), invalidUrl(/%23/))
  t.throws(() => parseFtpUrl(new URL('ftp://:p@h/')), invalidUrl(/a password but no user/))
})

void t.test('what a URL says is given as options', async t => {
  t.same(parseFtpUrl('ftp://h'), { host: 'h' })
  t.same(parseFtpUrl('ftps://u:p@H:1//x?short-timeout=5&disable-upload-verify'), {
    host: 'h',
    port: 1,
    user: 'u',
    password: 'p',
    path: '//x',
    encryptionMode: 'Implicit',
    shortTimeout: 5000,
    verifyUploads: false,
  })
  t.same(parseFtpUrl('aftp://h/x'), { host: 'h', path: '/x', absolutePath: true })
})

void t.test('every option by its name in a query', async t => {
  const sha1 = 'ab'.repeat(20)
  const sha256 = 'cd'.repeat(32)
  const table: [query: string, option: keyof FtpVfsOptions, value: unknown][] = [
    ['auth-username=u', 'user', 'u'],
    ['account=x', 'account', 'x'],
    ['ftp-absolute-path', 'absolutePath', true],
    ['ftp-use-cwd-names', 'useCwdNames', true],
    ['encoding=latin1', 'encoding', 'latin1'],
    ['encoding=UTF-8', 'encoding', 'utf8'],
    ['encoding=KOI8-R', 'encoding', 'koi8r'],
    ['server-timezone=Europe/Berlin', 'serverTimezone', 'Europe/Berlin'],
    ['server-timezone=%2B02:00', 'serverTimezone', '+02:00'],
    ['server-timezone=+02:00', 'serverTimezone', '+02:00'],
    ['server-timezone=-0330', 'serverTimezone', '-03:30'],
    ['mdtm-offset=+02:00', 'mdtmOffset', '+02:00'],
    ['disable-upload-verify', 'verifyUploads', false],
    ['disable-upload-verify=false', 'verifyUploads', true],
    ['ftp-upload-delay=2s', 'uploadDelay', 2000],
    ['atomic-uploads', 'atomicUploads', true],
    ['stat-cache-ttl=2s', 'statCacheTtl', 2000],
    ['transfer-type=ASCII', 'transferType', 'ascii'],
    ['unsupported-metadata=Ignore', 'unsupportedMetadata', 'ignore'],
    ['replay-buffer=65536', 'replayBuffer', 65_536],
    ['memory-limit=2097152', 'memoryLimit', 2_097_152],
    ['spool-directory=/tmp/a+b', 'spoolDirectory', '/tmp/a b'],
    ['connections=8', 'connections', 8],
    ['idle-timeout=0', 'idleTimeout', 0],
    ['short-timeout=5', 'shortTimeout', 5000],
    ['list-timeout=1h', 'listTimeout', 3_600_000],
    ['read-write-timeout=1m30s', 'readWriteTimeout', 90_000],
    ['queue-timeout=500ms', 'queueTimeout', 500],
    ['queue-timeout=none', 'queueTimeout', Infinity],
    ['number-of-retries=0', 'retries', 0],
    ['retry-delay=10s', 'retryDelay', 10_000],
    ['ftp-data-connection-type=pasv', 'dataConnectionType', 'PASV'],
    ['ftp-data-connection-type=PassiveExtended', 'dataConnectionType', 'PASVEX'],
    ['ftp-data-connection-type=passiveallowunroutable', 'dataConnectionType', 'PASVUSE'],
    ['active-ports=50000-50100', 'activePorts', '50000-50100'],
    ['active-ports=50000', 'activePorts', '50000'],
    ['active-address=203.0.113.7', 'activeAddress', '203.0.113.7'],
    ['active-address=2001:db8::7', 'activeAddress', '2001:db8::7'],
    ['ftp-passive', 'dataConnectionType', 'AutoPassive'],
    ['ftp-regular=true', 'dataConnectionType', 'AutoActive'],
    ['ftp-encryption-mode=explicit', 'encryptionMode', 'Explicit'],
    ['use-ssl', 'encryptionMode', 'Explicit'],
    ['use-ssl', 'sslProtocols', 'None'],
    ['ftp-ssl-protocols=TLS13,Tls12', 'sslProtocols', 'Tls12,Tls13'],
    [`accept-specified-ssl-hash=${sha1};${sha256}`, 'acceptSpecifiedSslHash', `${sha1};${sha256}`],
    ['accept-any-ssl-certificate', 'acceptAnySslCertificate', true],
    ['ignore-revocation-failure', 'ignoreRevocationFailure', true],
    ['ignore-pureftpd-limit-issue', 'ignorePureftpdLimitIssue', true],
    ['list-command=list%20-A', 'listCommand', 'LIST -a'],
    ['list-errors=Skip', 'listErrors', 'skip'],
    ['remove-unsure-folders', 'removeUnsureFolders', true],
    ['ftp-log-to-console', 'logToConsole', true],
    ['ftp-log-privateinfo-to-console', 'logPrivateInfoToConsole', true],
    ['ftp-log-diagnostics', 'logDiagnostics', true],
  ]
  for (const [query, option, value] of table) {
    const options: FtpVfsOptions = parseFtpUrl(`ftp://h/x?${query}`)
    t.equal(options[option], value, query)
    // aftp has its own names, but neither the deprecated ones nor another for ftp-log-diagnostics.
    if (/^(ftp-passive|ftp-regular|use-ssl|ftp-absolute-path)/.test(query)) continue
    const aftp: FtpVfsOptions = parseFtpUrl(
      `aftp://h/x?${query.replace(/^ftp-(?!log-diagnostics)/, 'aftp-')}`,
    )
    t.equal(aftp[option], value, `${query} for aftp`)
  }
  t.equal(
    parseFtpUrl('ftp://h/x?auth-username=u&auth-password=p').password,
    'p',
    'auth-password, which needs a user',
  )
})

void t.test('yes and no in a query', async t => {
  for (const yes of ['', '=', '=true', '=TRUE', '=1', '=on', '=Yes'])
    t.equal(resolveOptions(`ftp://h?ftp-use-cwd-names${yes}`).useCwdNames, true, yes)
  for (const no of ['=false', '=False', '=0', '=off', '=NO'])
    t.equal(resolveOptions(`ftp://h?ftp-use-cwd-names${no}`).useCwdNames, false, no)
  for (const word of ['2', 'y', 'nope', 'true+', 'disabled']) {
    t.throws(
      () => parseFtpUrl(`ftp://h?ftp-use-cwd-names=${word}`),
      invalidValue(
        /'ftp-use-cwd-names' in the URL must be true, 1, on, yes, or false, 0, off, no. Received '/,
      ),
      word,
    )
  }
})

void t.test('times in a query', async t => {
  const table: [text: string, milliseconds: number][] = [
    ['0', 0],
    ['30', 30_000],
    ['500ms', 500],
    ['2s', 2000],
    ['1m', 60_000],
    ['1h30m', 5_400_000],
    ['1D', 86_400_000],
    ['1W', 604_800_000],
    ['1s1s500ms', 2500],
    ['2147483647ms', 2_147_483_647],
  ]
  for (const [text, milliseconds] of table)
    t.equal(parseFtpUrl(`ftp://h?ftp-upload-delay=${text}`).uploadDelay, milliseconds, text)

  for (const text of [
    '',
    '-1',
    '1.5',
    '1.5s',
    '1d',
    '1S',
    '1 s',
    's',
    '1h30',
    '1MS',
    'none',
    'Infinity',
    '00:01:00',
  ]) {
    t.throws(
      () => parseFtpUrl(`ftp://h?ftp-upload-delay=${text}`),
      invalidValue(
        `The option 'ftp-upload-delay' in the URL must be a time such as 30 (seconds), 500ms, 2s, 1m or 1h30m; ` +
          `units are ms s m h D W M Y, in which case matters. Received '${text}'`,
      ),
      text,
    )
  }
  for (const [query, range] of [
    ['ftp-upload-delay=1M', /from 0 to 2147483647. Received 2592000000$/],
    ['ftp-upload-delay=1Y', /from 0 to 2147483647. Received 31536000000$/],
    [
      'short-timeout=0',
      /^The option 'short-timeout' in the URL must be .* from 1 to 2147483647. Received 0$/,
    ],
    ['list-timeout=0s', /from 1/],
    ['read-write-timeout=0ms', /from 1/],
    ['queue-timeout=0', /from 1/],
  ] as const) {
    t.throws(
      () => parseFtpUrl(`ftp://h?${query}`),
      { name: 'RangeError', code: 'ERR_OUT_OF_RANGE', message: range },
      query,
    )
  }
})

void t.test('values that a query cannot hold', async t => {
  const table: [query: string, message: RegExp | string][] = [
    ['connections=many', "'connections' in the URL must be a whole number from 1 to 1000. Received 'many'"],
    ['connections', "must be a whole number from 1 to 1000. Received ''"],
    ['connections=4.0', "Received '4.0'"],
    ['encoding=koi-7', /'encoding' in the URL must be an encoding that iconv-lite knows.*Received 'koi-7'/],
    ['encoding=utf-16', "Received 'utf-16'"],
    ['server-timezone=Nowhere', /'server-timezone' in the URL must be 'UTC', .*Received 'Nowhere'/],
    ['server-timezone', "Received ''"],
    [
      'ftp-encryption-mode=Explict',
      "'ftp-encryption-mode' in the URL must be one of None, Implicit, Explicit, Auto. Received 'Explict'",
    ],
    [
      'ftp-data-connection-type=',
      "must be one of AutoPassive, AutoActive, PASV, EPSV, PORT, EPRT, PASVEX, PASVUSE, PassiveExtended, PassiveAllowUnroutable. Received ''",
    ],
    ['active-ports=', "'active-ports' in the URL must be a port from 1 to 65535, or a range of them"],
    ['active-ports=5-4', "the lower one first. Received '5-4'"],
    [
      'active-address=',
      "'active-address' in the URL must be an IPv4 or IPv6 address, not a name. Received ''",
    ],
    ['active-address=ftp.example.com', "not a name. Received 'ftp.example.com'"],
    ['ftp-ssl-protocols=', 'must be None'],
    ['ftp-ssl-protocols=Tls,Tls12', 'must name TLS versions without a gap (Tls11 missing)'],
    ['accept-specified-ssl-hash=', 'must hold hashes of certificates: SHA-1 (40 hex digits) or SHA-256 (64)'],
    ['spool-directory=', "'spool-directory' in the URL must not be empty"],
    ['account=', "'account' in the URL must not be empty"],
    [
      'use-ssl=maybe',
      "'use-ssl' in the URL must be true, 1, on, yes, or false, 0, off, no. Received 'maybe'",
    ],
    ['connections=1&connections=1', "The option 'connections' stands twice in the URL"],
    ['connections=1&Connections=2', "The option 'connections' stands twice in the URL"],
    ['ftp-passive=0&FTP-passive=0', "The option 'ftp-passive' stands twice in the URL"],
  ]
  for (const [query, message] of table) {
    const text = thrownText(() => parseFtpUrl(`ftp://h?${query}`))
    t.match(text, message, query)
    t.match(text, 'ERR_INVALID_ARG_VALUE', query)
  }
  t.throws(() => parseFtpUrl('ftp://h?connections=0'), { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' })
  t.throws(() => parseFtpUrl('ftp://h?connections=1001'), { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' })
})

void t.test('every option refuses what it cannot be, by its name in the URL', async t => {
  for (const family of ['ftp', 'aftp'] as const) {
    for (const [option, spec] of optionSpecs) {
      const query = queryName(spec, family)
      if (query === undefined) continue
      t.throws(
        () => parseFtpUrl(`${family}://h?${query.name}=%00`),
        { code: 'ERR_INVALID_ARG_VALUE', message: `The option '${query.name}' in the URL must ` },
        `${option} of ${family}`,
      )
    }
  }
  for (const name of deprecatedNames.keys())
    t.throws(() => parseFtpUrl(`ftp://h?${name}=perhaps`), invalidValue(`'${name}' in the URL must be true`))
})

void t.test('names in a query are taken in any case, and empty pairs are nothing', async t => {
  t.equal(parseFtpUrl('ftp://h?FTP-Upload-Delay=1').uploadDelay, 1000)
  t.equal(parseFtpUrl('ftp://h?ftp%2Dupload-delay=1').uploadDelay, 1000)
  t.same(parseFtpUrl('ftp://h?&&connections=2&'), { host: 'h', connections: 2 })
  t.same(parseFtpUrl('ftp://h?'), { host: 'h' })
})

void t.test('names that a query cannot hold', async t => {
  const table: [url: string, message: string][] = [
    [
      'ftp://h?uploadDelay=1',
      "Unknown option 'uploadDelay' in the URL. Did you mean 'ftp-upload-delay'? The options of ftp: URLs are auth-username, ",
    ],
    ['ftp://h?upload-delay=1', "Did you mean 'ftp-upload-delay'?"],
    ['ftp://h?aftp-upload-delay=1', "Did you mean 'ftp-upload-delay'?"],
    [
      'aftp://h?ftp-upload-delay=1',
      "Did you mean 'aftp-upload-delay'? The options of aftp: URLs are auth-username, ",
    ],
    ['ftp://h?conections=1', "Did you mean 'connections'?"],
    ['ftp://h?user=1', "Did you mean 'auth-username'?"],
    ['ftp://h?password=1', "Did you mean 'auth-password'?"],
    ['ftp://h?verify-uploads', "Did you mean 'disable-upload-verify', which says the opposite?"],
    ['ftp://h?aftp-relative-path', "Did you mean 'ftp-absolute-path', which says the opposite?"],
    ['aftp://h?ftp-absolute-path', "Did you mean 'aftp-relative-path', which says the opposite?"],
    ['ftp://h?port=1', "Unknown option 'port' in the URL. The port stands in the URL before the query."],
    ['ftp://h?ca=x', "Unknown option 'ca' in the URL. 'ca' can only be given in code."],
    ['ftp://h?something-else=1', "Unknown option 'something-else' in the URL. The options of"],
    ['aftp://h?use-ssl', "Unknown option 'use-ssl' in the URL."],
    ['aftp://h?ftp-passive', "Unknown option 'ftp-passive' in the URL."],
    ['aftp://h?ftp-regular', "Unknown option 'ftp-regular' in the URL."],
    ['aftp://h?ftp-encryption-mode=Explicit', "Did you mean 'aftp-encryption-mode'?"],
    ['aftp://h?aftp-log-diagnostics', "Did you mean 'ftp-log-diagnostics'?"],
    ['ftp://h?__proto__=1', "Unknown option '__proto__' in the URL."],
    ['ftp://h?constructor=1', "Unknown option 'constructor' in the URL."],
    ['ftp://h?=1', 'Unknown option in the URL'],
  ]
  for (const [url, message] of table)
    t.match(
      thrownText(() => parseFtpUrl(url)),
      message,
      url,
    )
  t.throws(() => parseFtpUrl('ftp://h?x=1'), { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' })
})

void t.test('schemes', async t => {
  const mode = (url: string) => resolveOptions(url).encryptionMode
  t.equal(mode('ftp://h'), 'None')
  t.equal(mode('aftp://h'), 'None')
  t.equal(mode('ftps://h'), 'Implicit')
  t.equal(mode('ftpes://h'), 'Explicit')
  t.equal(mode('FTPES://h'), 'Explicit')
  t.equal(mode('ftps://h?ftp-encryption-mode=implicit'), 'Implicit')
  t.equal(mode('ftpes://h?use-ssl'), 'Explicit')
  t.equal(mode('ftps://h?use-ssl=false'), 'Implicit')
  t.equal(mode('aftp://h?aftp-encryption-mode=Auto'), 'Auto')
})

void t.test('contradictions in a URL', async t => {
  const table: [url: string, message: string][] = [
    [
      'ftps://h?ftp-encryption-mode=None',
      "'ftp-encryption-mode' (encryptionMode None) in the URL contradicts 'ftps://' (encryptionMode Implicit)",
    ],
    ['ftps://h?ftp-encryption-mode=Explicit', "contradicts 'ftps://' (encryptionMode Implicit)"],
    ['ftps://h?ftp-encryption-mode=Auto', "contradicts 'ftps://' (encryptionMode Implicit)"],
    ['ftpes://h?ftp-encryption-mode=Implicit', "contradicts 'ftpes://' (encryptionMode Explicit)"],
    ['ftpes://h?ftp-encryption-mode=None', "contradicts 'ftpes://' (encryptionMode Explicit)"],
    ['ftpes://h?ftp-encryption-mode=Auto', "contradicts 'ftpes://' (encryptionMode Explicit)"],
    ['ftps://h?use-ssl', "'use-ssl' (encryptionMode Explicit) in the URL contradicts 'ftps://'"],
    ['ftp://h?use-ssl&ftp-encryption-mode=None', "contradicts 'use-ssl' (encryptionMode Explicit)"],
    ['ftp://h?ftp-ssl-protocols=Tls12&use-ssl', "contradicts 'ftp-ssl-protocols' (sslProtocols Tls12)"],
    ['ftp://h?ftp-passive&ftp-regular', "contradicts 'ftp-passive' (dataConnectionType AutoPassive)"],
    ['ftp://h?ftp-data-connection-type=PORT&ftp-passive', "contradicts 'ftp-data-connection-type'"],
  ]
  for (const [url, message] of table) {
    const text = thrownText(() => parseFtpUrl(url))
    t.match(text, message, url)
    t.match(text, 'ERR_INVALID_ARG_VALUE', url)
  }
  t.equal(parseFtpUrl('ftp://h?ftp-passive=no&ftp-regular').dataConnectionType, 'AutoActive')
  t.equal(
    parseFtpUrl('ftp://h?ftp-passive&ftp-data-connection-type=AutoPassive').dataConnectionType,
    'AutoPassive',
  )
})

void t.test('no error shows a credential', async t => {
  // Each holds `s3cr3t` or pieces of it where a credential is, or would be if it were percent-encoded.
  const urls = [
    'ftp://alice:s3cr3t@h:99999/',
    'ftp://alice:s3cr3t@/',
    'ftp://alice:s3cr3t@exa mple/',
    'ftp://alice:s3cr3t@h/%zz',
    'ftp://alice:s3cr3t@h/#',
    'ftp://alice:s3cr3t%@h/',
    'ftp://alice:s3cr3t%FF@h/',
    'ftp://alice:s3cr3t%0A@h/',
    'ftp://s3cr3t%0A@h/',
    'ftp://alice:s3@cr3t@h/',
    'ftp://alice:s3\\cr3t@h/',
    'ftp://alice:s3/cr3t@h/',
    'ftp://alice:s3?cr3t@h/',
    'ftp://alice:s3#cr3t@h/',
    'ftp://alice:1/s3cr3t%0A@h/',
    'ftp://alice:1?s3cr3t@h/',
    'ftp://alice:1?s3cr3t=x@h/',
    'ftp://s3 cr3t/x@h/',
    'ftp://:s3cr3t@h/',
    'ftp://alice:s3cr3t@h?nonsense=1',
    'ftp://alice:s3cr3t@h?connections=0',
    'sftp://alice:s3cr3t@h/',
    'alice:s3cr3t@h',
    'ftp://h?auth-username=a&auth-password=x&s3cr3t',
    'ftp://h?auth-username=a&auth-password=x&s3cr3t=1',
    'ftp://h?auth-username=a&auth-password=s3cr3t%0A',
    'ftp://h?auth-username=a&auth-password=s3cr3t%',
    'ftp://h?auth-username=a&auth-password=s3cr3t&auth-password=s3cr3t',
    'ftp://h?auth-username=s3cr3t%00',
    'ftp://h?account=s3cr3t%00',
    'ftp://h?account=x&s3cr3t',
    'ftp://h?auth-password=s3cr3t',
    'ftp://u:s3cr3t%E2%82%AC@h?encoding=latin1',
    'ftps://u:s3cr3t@h?ftp-encryption-mode=None',
  ]
  for (const url of urls)
    t.notMatch(
      thrownText(() => resolveOptions(url)),
      /s3|cr3t/,
      url,
    )
  t.match(
    thrownText(() => parseFtpUrl('ftp://h?auth-username=a&auth-password=p&ftp-uplod-delay=1')),
    "Unknown option 'ftp-uplod-delay' in the URL. Did you mean 'ftp-upload-delay'?",
    'a name that is nearly that of an option is shown',
  )
})

void t.test('the same options in a URL and in code resolve to the same', async t => {
  const inUrl = resolveOptions(
    'ftp://alice:x@h:2121//srv?ftp-use-cwd-names&ftp-upload-delay=500ms&connections=2&queue-timeout=1m' +
      '&ftp-ssl-protocols=Tls12,Tls13&disable-upload-verify&ftp-data-connection-type=PassiveExtended',
  )
  const inCode: ResolvedOptions = resolveOptions({
    host: 'H',
    port: 2121,
    user: 'alice',
    password: 'x',
    path: '/srv',
    absolutePath: true,
    useCwdNames: true,
    uploadDelay: 500,
    connections: 2,
    queueTimeout: 60_000,
    sslProtocols: ['Tls12', 'Tls13'],
    verifyUploads: false,
    dataConnectionType: 'PASVEX',
  })
  t.same(inUrl, inCode)
})
