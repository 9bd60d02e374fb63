/** An error in one line, with what the server said, and without the password of `url`. */
export function oneLine(error: unknown, url: string): string {
  const { message, cause } = error as Error
  const reason = cause instanceof Error && !message.includes(cause.message) ? ` (${cause.message})` : ''
  return mask(`${message}${reason}`, url).replace(/\s+/g, ' ')
}

/** The text without passwords in URLs and without the password of `url` anywhere. */
export function mask(text: string, url: string): string {
  const shown = text.replace(/(:\/\/[^:/@\s]*):\S*@/g, '$1:***@').replace(/(auth-password=)[^&\s]*/g, '$1***')
  return passwords(url)
    .filter(password => password.length > 3)
    .reduce((result, password) => result.replaceAll(password, '***'), shown)
}

function passwords(url: string): string[] {
  const raw = [/:\/\/[^:/@]*:(.*)@/.exec(url)?.[1], /auth-password=([^&]*)/.exec(url)?.[1]]
  return raw.flatMap(text => (text === undefined ? [] : [text, decoded(text)]))
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
