// The prose linter, `npm run lint:prose`. tools/prose/words.yaml lists the phrases to avoid.
const { join } = require('node:path');

module.exports = {
  plugins: [join(__dirname, 'tools/prose/sourcePlugin.ts')],
  rules: { [join(__dirname, 'tools/prose/wordListRule.ts')]: { severity: 'error' } },
};
