// The variables of `.repo` files: $releasever, $basearch, $arch and the treefile's repovars.

export type RepoVariables = ReadonlyMap<string, string>;

/** `releasever_major` and `releasever_minor` are the parts before and after the first dot, as in dnf 5. */
export function repoVariables(
  arch: string,
  releasever: string | null,
  repovars: Readonly<Record<string, string>>,
): RepoVariables {
  const variables = new Map<string, string>([
    ['basearch', arch],
    ['arch', arch],
  ]);
  if (releasever !== null) {
    const [major = '', minor = ''] = releasever.split('.', 2);
    variables.set('releasever', releasever);
    variables.set('releasever_major', major);
    variables.set('releasever_minor', minor);
  }
  for (const [name, value] of Object.entries(repovars)) variables.set(name, value);
  return variables;
}

/** Replaces `$name` and `${name}`. Names without a value stay as written and are returned once each. */
export function substituteVariables(text: string, variables: RepoVariables): { text: string; unknown: string[] } {
  const unknown = new Set<string>();
  const filled = text.replace(
    /\$(?:\{(\w+)\}|(\w+))/g,
    (whole, braced: string | undefined, plain: string | undefined) => {
      const name = braced ?? plain ?? '';
      const value = variables.get(name);
      if (value === undefined) unknown.add(name);
      return value ?? whole;
    },
  );
  return { text: filled, unknown: [...unknown] };
}
