const path =
  /not (?:a )?(?:valid path|director|regular)|no such|not exist|n't exist|cannot find|(?<!command )not found|ENOENT|ENOTDIR/i

/** Whether a refusal is about the path, and not the command. `text`: what it says, without paths. */
export function isAboutPath(text: string): boolean {
  return path.test(text)
}
