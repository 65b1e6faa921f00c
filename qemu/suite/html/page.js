// Shows only the lines of consoles and journals that hold the words of the filter.
const blocks = [...document.querySelectorAll('pre')].map((element) => ({ element, lines: element.textContent.split('\n') }));
document.getElementById('filter').addEventListener('input', ({ target }) => {
  const words = target.value.toLowerCase();
  for (const { element, lines } of blocks) {
    element.textContent = lines.filter((line) => line.toLowerCase().includes(words)).join('\n');
  }
});
