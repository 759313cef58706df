import { join } from 'node:path';
import type { TextlintRuleModule } from '@textlint/types';
import { findHits, readWordList, type WordList } from './wordList';

const wordListPath = join(__dirname, 'words.yaml');
let words: WordList | undefined;

/** textlint rule: reports each phrase of words.yaml, with the words to use instead. */
const wordListRule: TextlintRuleModule = ({ Syntax, RuleError, report, getSource, locator }) => {
  words ??= readWordList(wordListPath);
  const list = words;
  return {
    [Syntax.Str](node) {
      for (const { index, length, found, use } of findHits(getSource(node), list)) {
        report(node, new RuleError(`"${found}": use ${use}`, { padding: locator.range([index, index + length]) }));
      }
    },
  };
};

export default wordListRule;
