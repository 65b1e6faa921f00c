// The arguments that the treefile commands share.

export const treefilePositional = {
  treefile: { type: 'string', describe: 'The treefile (YAML, JSON or kickstart)', demandOption: true },
} as const;

/** Options of the engine from those of the command line. */
export function flattenOptions(arch: string | undefined): { arch?: string } {
  return arch === undefined ? {} : { arch };
}
