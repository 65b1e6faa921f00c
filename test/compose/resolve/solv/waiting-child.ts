// Stands in for the solver's child: never answers, as in a very long solve.

process.on('message', () => {});
process.send!({ type: 'ready' });
