/** The text of a key or certificate from a setting: as it is, on one line with \n for its line ends, or base64 of it. */
export function pemOf(value: string): string {
  const text = value.replaceAll("\\n", "\n");
  return text.includes("-----BEGIN") ? text : Buffer.from(text, "base64").toString("utf8");
}
