/** What a chat call may say and be told at most: requests are made with these, and estimates reckon with them. */

/** Room for the longest script; more would be a runaway answer. */
export const MAX_ANSWER_TOKENS = 8_000;
/** Of an unusable answer, as much is shown back. */
export const MAX_SHOWN_AGAIN = 40 * 1024;
/** One picture's prompt in other words. */
export const MAX_PROMPT_TOKENS = 1_000;
