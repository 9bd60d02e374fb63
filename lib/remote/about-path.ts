const path =
  /not (?:a )?(?:valid path|director|regular)|no such|not exist|n't exist|cannot find|(?<!command )not found|ENOENT|ENOTDIR/i

/** Whether a refusal concerns the path, and not the command. `text`: the reply without paths. */
export function isAboutPath(text: string): boolean {
  return path.test(text)
}
