// Which lines of the guest's journal a test asks for. Pure.

export interface JournalFilter {
  readonly unit?: string;
  /** The program's name, e.g. `sshd` or `kernel`. */
  readonly identifier?: string;
  /** This and more urgent: `err`, `warning`, … (journalctl(1), --priority). */
  readonly priority?: string;
  /** Regular expression (PCRE2) that the message must match. */
  readonly match?: string;
}

export function journalArgv({ unit, identifier, priority, match }: JournalFilter): string[] {
  return [
    ...['journalctl', '--boot', '--no-pager', '--output=short-monotonic'],
    ...(unit === undefined ? [] : [`--unit=${unit}`]),
    ...(identifier === undefined ? [] : [`--identifier=${identifier}`]),
    ...(priority === undefined ? [] : [`--priority=${priority}`]),
    ...(match === undefined ? [] : [`--grep=${match}`]),
  ];
}
