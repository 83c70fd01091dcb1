export {
  type Answers,
  type Asking,
  type EntryReader,
  type FoundEntries,
  guest,
  type KeywordOptions,
  PAD_MAX,
} from "./guest.ts";
export { type AnswerOptions, checkOpened, host } from "./host.ts";
export { accompaniedMessages, IDS_MAX_ASKED, messages } from "./messages.ts";
export { beside, catalogueEntries, dummyEntries, type EntryShape, open, recordKeys, seal, strip } from "./steps.ts";
