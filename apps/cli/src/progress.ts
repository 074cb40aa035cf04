/** One line that changes, for a person at a terminal; nothing where the output is read by a program. Empty text takes it away. */
export function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${text}\u001B[K`);
}
