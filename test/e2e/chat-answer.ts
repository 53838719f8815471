/** An answer of Ark's chat, as its documents show it, with these words in it. */
export const chatSaying = (content: string) => ({
  id: '0217',
  object: 'chat.completion',
  created: 1_700_000_000,
  model: 'doubao-seed-2-0-lite-260428',
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 },
});
