/** Words in the ids of models for something else than chat. */
const OTHER_KINDS =
  /embedding|rerank|image|video|audio|speech|voice|cosy|paraformer|music|ocr|omni|realtime|livetranslate|happyhorse|happyoyster|farui|intent-detect/i
/** Short ones, which count as whole parts of an id only. `wan2.6-t2v`, `qwen3-tts-flash`, `qwen-mt-plus`. */
const OTHER_PARTS = /(^|[^a-z])(wanx?|asr|tts|mt|gui|s2s|[tirs]2[vi])([^a-z]|$)/i

/**
 * False for models of images, video, audio, speech, music, embedding, ranking or translation: the service lists
 * everything that an account may use. An id that says nothing counts as a chat model.
 */
export function isChatModel(id: string): boolean {
  return !OTHER_KINDS.test(id) && !OTHER_PARTS.test(id)
}
