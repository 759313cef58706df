import type { Choice, Prompter } from '../../../cli/init/prompter';

/** An answer to one question: text, yes or no, the label of a choice, or labels of several. */
export type Answer = string | boolean | string[];

/** A prompter that people with these answers sit at. After an answer that a check refuses, the next one follows. */
export interface ScriptedPrompter extends Prompter {
  /** The notes, and what checks refused. */
  notes: string[];
  /** The answers that no question has taken yet. */
  left(): string[];
}

/** The questions in their order, each with its answer. A question out of order is an error. */
export function scriptedPrompter(script: readonly (readonly [question: string, answer: Answer])[]): ScriptedPrompter {
  const rest = [...script];
  const notes: string[] = [];
  const next = (message: string): Answer => {
    const [question, answer] = rest.shift() ?? [];
    if (question !== message || answer === undefined) throw new Error(`asked ${message}, expected ${question}`);
    return answer;
  };
  const chosen = <T>(choices: readonly Choice<T>[], label: string): T => {
    const choice = choices.find((one) => one.label === label);
    if (choice === undefined)
      throw new Error(`there is no choice ${label}: ${choices.map((one) => one.label).join(', ')}`);
    return choice.value;
  };
  return {
    notes,
    left: () => rest.map(([question]) => question),
    text: async (message, { initial, check }) => {
      for (;;) {
        const answer = next(message);
        const text = answer === true ? (initial ?? '') : String(answer);
        const wrong = check(text);
        if (wrong === undefined) return text;
        notes.push(`${message}: ${wrong}`);
      }
    },
    confirm: async (message) => next(message) === true,
    select: async (message, choices) => chosen(choices, String(next(message))),
    multiselect: async (message, choices) => (next(message) as string[]).map((label) => chosen(choices, label)),
    note: (message) => void notes.push(message),
  };
}
