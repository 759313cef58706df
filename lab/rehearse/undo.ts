/** Undoes a tamper. */
export type Undo = () => Promise<void>;
