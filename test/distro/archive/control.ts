// Debian control data (deb822): stanzas of fields, as in a package's control file and in the archive's index.

/** The stanzas of a text; continuation lines are joined to their field with a newline, their first blank removed. */
export function parseStanzas(text: string): Map<string, string>[] {
  return text
    .split(/\n[ \t]*\n/)
    .filter((stanza) => stanza.trim() !== '')
    .map(parseStanza);
}

export function parseStanza(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  let name = '';
  for (const line of text.split('\n')) {
    if (line === '') continue;
    if (/^[ \t]/.test(line)) {
      fields.set(name, `${fields.get(name) ?? ''}\n${line.slice(1)}`);
      continue;
    }
    const colon = line.indexOf(':');
    name = line.slice(0, colon);
    fields.set(name, line.slice(colon + 1).trim());
  }
  return fields;
}
