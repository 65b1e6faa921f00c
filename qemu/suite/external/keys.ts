// The keys with which an external test declares what it needs, as in kola of coreos-assembler. One table: name, form, and whether we act on it.

export type KeyForm = 'words' | 'text' | 'boolean' | 'count' | 'list' | 'numbers';

export interface DeclarationKey {
  readonly name: string;
  readonly form: KeyForm;
  /** `used`; `harmless`: true of every machine here, or of no meaning for QEMU; `unsupported`: a test that has it is skipped. */
  readonly effect: 'used' | 'harmless' | 'unsupported';
}

function key(name: string, form: KeyForm, effect: DeclarationKey['effect'] = 'used'): DeclarationKey {
  return { name, form, effect };
}

export const declarationKeys: readonly DeclarationKey[] = [
  key('architectures', 'words'),
  key('platforms', 'words'),
  key('distros', 'words'),
  key('tags', 'words'),
  key('requiredTag', 'text'),
  key('description', 'text'),
  key('timeoutMin', 'count'),
  key('minMemory', 'count'),
  key('minDisk', 'count'),
  key('primaryDisk', 'text'),
  key('additionalDisks', 'list'),
  key('additionalNics', 'count'),
  key('appendKernelArgs', 'text'),
  // Each test has a machine of its own: nothing to merge and nothing to conflict with.
  key('exclusive', 'boolean', 'harmless'),
  key('conflicts', 'list', 'harmless'),
  key('creationDate', 'text', 'harmless'),
  key('noInstanceCreds', 'boolean', 'harmless'),
  key('instanceType', 'text', 'harmless'),
  key('allowConfigWarnings', 'boolean', 'harmless'),
  key('numaNodes', 'boolean', 'unsupported'),
  key('appendFirstbootKernelArgs', 'text', 'unsupported'),
  key('injectContainer', 'boolean', 'unsupported'),
  key('bindMountHostRO', 'list', 'unsupported'),
  key('bootFrom', 'text', 'unsupported'),
  key('requiredHostPorts', 'numbers', 'unsupported'),
];
