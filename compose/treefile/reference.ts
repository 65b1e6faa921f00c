// The declarations of all keys -> docs/treefile.md.

import type { MergedKey, SteeringKey } from './declare.ts';
import { keyThemes, refusedKeys } from './keys.ts';
import { notYetActedOn } from './not-yet-acted-on.ts';
import { introduction } from './reference-introduction.ts';

/** The reference page as Markdown, with a final newline. */
export function treefileReference(): string {
  const themes = keyThemes.flatMap(({ title, keys }) => [`## ${title}`, ...keys.map(describeKey)]);
  const refused = refusedKeys.map(({ name, reason }) => `- \`${name}\`: ${reason}.`);
  return `${[
    '# Treefile reference',
    '<!-- Made by `slipway treefile schema --docs`; the words are those of compose/treefile/keys. -->',
    introduction,
    ...themes,
    '## Keys that a compose refuses',
    'These belong to a host that is already installed:',
    refused.join('\n'),
  ].join('\n\n')}\n`;
}

function describeKey(key: MergedKey | SteeringKey<unknown>): string {
  const facts = [
    `*${typeWords(key)}*`,
    mergeWords(key),
    ...(key.default === undefined ? [] : [`default \`${JSON.stringify(key.default)}\``]),
    ...(key.form !== 'list' && key.form !== 'steering' && key.substituted ? ['variables are put in'] : []),
    ...(key.legacyName === undefined ? [] : [`also \`${key.legacyName}\``]),
    ...(key.experimental === true ? ['experimental'] : []),
    ...(key.from === 'slipway' ? ['an addition of Slipway'] : []),
    `since ${key.since}`,
  ];
  return [
    `### \`${key.name}\``,
    facts.join(' · '),
    key.docs,
    ...(key.deprecated === undefined ? [] : [`**Deprecated:** ${key.deprecated}.`]),
    ...(notYetActedOn.has(key.name)
      ? ['**Read, merged and shown, but nothing acts on it yet;** a compose warns about it.']
      : []),
    `\`\`\`yaml\n${key.example}\n\`\`\``,
  ].join('\n\n');
}

function typeWords(key: MergedKey | SteeringKey<unknown>): string {
  switch (key.form) {
    case 'scalar':
    case 'steering':
      return key.type.words;
    case 'list':
      return `a list, each item ${key.item.words}`;
    case 'map':
      return `a mapping from names to ${key.member.words}`;
  }
}

function mergeWords(key: MergedKey | SteeringKey<unknown>): string {
  switch (key.merge) {
    case 'first-wins':
      return "the includer's value stands";
    case 'top-level':
      return 'only the first file counts';
    case 'prepend':
      return 'included items come first';
    case 'union':
      return 'a set: all files together';
    case 'members':
      return "merged by name, the includer's member stands";
    case 'none':
      return 'steers the reading of its own file';
  }
}
