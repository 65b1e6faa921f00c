// Items of `packages` may hold several requests: split at white space, except inside single quotes.

export interface Word {
  readonly text: string;
  /** Offset of the word in the item, behind an opening quote. */
  readonly start: number;
}

/** The words of an item, or the sentence that says why it cannot be split. */
export function splitWords(item: string): readonly Word[] | string {
  const words: Word[] = [];
  let at = 0;
  while (at < item.length) {
    if (/\s/.test(item[at]!)) {
      at++;
    } else if (item[at] === "'") {
      const end = item.indexOf("'", at + 1);
      if (end === -1) return `the single quote in ${JSON.stringify(item)} has no end`;
      if (end > at + 1) words.push({ text: item.slice(at + 1, end), start: at + 1 });
      at = end + 1;
    } else {
      const length = item.slice(at).search(/\s|$/);
      words.push({ text: item.slice(at, at + length), start: at });
      at += length;
    }
  }
  return words;
}
