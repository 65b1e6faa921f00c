// Reads the Test Anything Protocol (testanything.org, version 13) as AVA writes it, line by line while the tests run.

export interface FailedTest {
  readonly title: string;
  /** What the runner said about it: the lines up to the next test. */
  readonly details: readonly string[];
}

export interface TestCounts {
  readonly passed: number;
  readonly skipped: number;
  readonly failed: readonly FailedTest[];
}

export interface TapReader {
  read(line: string): void;
  counts(): TestCounts;
}

/** A `todo` counts as skipped: nothing ran. */
export function tapReader(): TapReader {
  let passed = 0;
  let skipped = 0;
  const failed: { title: string; details: string[] }[] = [];
  let current: { title: string; details: string[] } | undefined;
  return {
    read(line) {
      const result = /^(not )?ok\b\s*\d*\s*-?\s*(.*?)(?:\s+#\s*(SKIP|TODO)\b.*)?$/i.exec(line);
      if (result === null) {
        // `1..N` and the runner's own sums end the last test's details.
        if (/^(1\.\.\d+|# (tests|pass|skip|fail)\b.*)$/.test(line)) current = undefined;
        else current?.details.push(line);
        return;
      }
      current = undefined;
      const [, not, title = '', directive] = result;
      if (directive !== undefined) skipped++;
      else if (not === undefined) passed++;
      else {
        current = { title, details: [] };
        failed.push(current);
      }
    },
    counts: () => ({ passed, skipped, failed }),
  };
}
