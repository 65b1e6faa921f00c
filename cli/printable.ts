// Text of others (metadata of repositories, output of programs) on its way to a terminal. What Slipway paints itself is painted afterwards.

/** Control characters but tab and newline: they could hide or forge what stands there (ECMA-48). */
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Shows control characters as `\x1b`. */
export function printable(text: string): string {
  return text.replace(control, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
