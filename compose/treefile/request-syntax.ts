// Whether a package request that names versions can be understood: libsolv takes `bash >> 5` and `bash => 5` for something, nobody knows what.

const operators = ['<', '<=', '=', '==', '>=', '>'];

/**
 * A sentence about what is wrong, or null. Rich dependencies and file paths are the solver's to read, and an operator alone is what a request
 * without quotes falls into: lint/packages.ts. Pure.
 */
export function requestProblem(request: string): string | null {
  if (/^[(/]|^[<>=]+$/.test(request)) return null;
  const bare = withoutParentheses(request); // `font(:lang=en)` is a name
  const [operator, more] = bare.match(/[<>=]+/g) ?? [];
  if (operator === undefined) return null;
  const quoted = JSON.stringify(request);
  if (more !== undefined) return `${quoted} has more than one comparison`;
  if (!operators.includes(operator)) return `${quoted} compares with ${operator}, which is no comparison`;
  const [name = '', version = ''] = bare.split(operator).map((part) => part.trim());
  if (name === '') return `${quoted} names no package before ${operator}`;
  return version === '' ? `${quoted} names no version behind ${operator}` : null;
}

function withoutParentheses(text: string): string {
  const less = text.replace(/\([^()]*\)/g, '');
  return less === text ? text : withoutParentheses(less);
}
