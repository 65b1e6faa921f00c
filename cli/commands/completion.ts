// `slipway completion`: the script that a shell loads; the words themselves come from the commands' declarations.

import { defineCommand } from '../command.ts';

const bash = `# Slipway completion for bash: eval "$(slipway completion)" in ~/.bashrc
_slipway_completions() {
  local word=\${COMP_WORDS[COMP_CWORD]} words
  mapfile -t words < <(SHELL=bash "\${COMP_WORDS[0]}" --get-yargs-completions "\${COMP_WORDS[@]}" 2>/dev/null)
  [[ $word == -* ]] || mapfile -t words < <(printf '%s\\n' "\${words[@]}" | grep -v '^-') # then files are offered where no word fits
  mapfile -t COMPREPLY < <(compgen -W "\${words[*]}" -- "$word")
}
complete -o bashdefault -o default -F _slipway_completions slipway ./slipway`;

const zsh = `#compdef slipway
# Slipway completion for zsh: eval "$(slipway completion --shell zsh)" in ~/.zshrc
_slipway_completions() {
  local -a reply
  reply=("\${(@f)$(SHELL=bash "\${words[1]}" --get-yargs-completions "\${words[@]}" 2>/dev/null)}")
  [[ \${words[CURRENT]} == -* ]] || reply=("\${(@)reply:#-*}")
  compadd -- "\${(@)reply:#}" || _files
}
compdef _slipway_completions slipway ./slipway`;

const fish = `# Slipway completion for fish: slipway completion --shell fish | source
complete -c slipway -a '(env SHELL=bash (commandline -opc)[1] --get-yargs-completions (commandline -opc) (commandline -ct) 2>/dev/null)'`;

const scripts = { bash, zsh, fish } as const;

export const command = defineCommand({
  options: {
    shell: { choices: ['bash', 'zsh', 'fish'], default: 'bash', describe: 'The shell that will load it' },
  } as const,
  examples: [
    ['completion >> ~/.bashrc', 'Complete commands and options in bash'],
    ['completion --shell fish | source', 'The same in this fish'],
  ],
  async run({ shell }) {
    const script = scripts[shell];
    return { document: { kind: 'completion', version: 1, shell, script }, text: script };
  },
});
